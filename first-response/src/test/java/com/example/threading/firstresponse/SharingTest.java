package com.example.threading.firstresponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.threading.common.NoLeaks;
import com.google.common.util.concurrent.Uninterruptibles;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What competitors must not share, since the interrupt of a loser breaks it for all.
@ExtendWith(NoLeaks.class)
class SharingTest {

    private static final CountDownLatch BEGUN = new CountDownLatch(1);

    @AutoClose
    private final RecordingThreads threads = new RecordingThreads();

    @Test
    void theInterruptOfALoserClosesAFileChannelForEverybody(@TempDir Path folder)
            throws Exception {
        Path file = Files.writeString(folder.resolve("shared"), "content");
        var gate = new CountDownLatch(1);
        try (FileChannel shared = FileChannel.open(file)) {
            threads.race(
                    () -> {
                        Uninterruptibles.awaitUninterruptibly(gate);
                        return shared.read(ByteBuffer.allocate(7));
                    },
                    () -> 0).get();
            assertThat(shared.isOpen()).isTrue();
            gate.countDown();
            threads.join();

            assertThat(shared.isOpen()).isFalse();
        }
    }

    @Test
    void theInterruptOfALoserBreaksAClassWhoseInitializerItMeets() throws Exception {
        threads.race(
                SlowToInitialize::value,
                () -> {
                    BEGUN.await();
                    return "won";
                }).get();

        assertThat(threads.takeUncaught()).isInstanceOf(ExceptionInInitializerError.class);
        assertThatExceptionOfType(NoClassDefFoundError.class)
                .isThrownBy(SlowToInitialize::value);
    }

    private static final class SlowToInitialize {

        static {
            BEGUN.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted", e);
            }
        }

        static String value() {
            return "never";
        }
    }
}
