package com.example.threading.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class LatencyTest {
    private static final Latency RANDOM = Latency.logNormal(ms(100), ms(900), ms(2000));

    @AutoClose
    final FakeLatencyServer server = new FakeLatencyServer(7);

    @Test
    void theSameSeedGivesTheSameDelays() {
        List<Duration> delays = server.route("/a", RANDOM).plannedDelays(1000);

        try (var again = new FakeLatencyServer(7); var other = new FakeLatencyServer(8)) {
            assertThat(again.route("/a", RANDOM).plannedDelays(1000)).isEqualTo(delays);
            assertThat(again.route("/Aa", RANDOM).plannedDelays(1000))
                    .isNotEqualTo(again.route("/BB", RANDOM).plannedDelays(1000));
            assertThat(again.route("/b", RANDOM).plannedDelays(1000)).isNotEqualTo(delays);
            assertThat(other.route("/a", RANDOM).plannedDelays(1000)).isNotEqualTo(delays);
        }
    }

    @Test
    void whatIsPlannedIsWhatRequestsGet() throws Exception {
        Route a = server.route("/a", Latency.logNormal(ms(1), ms(2), ms(3)));
        Route b = server.route("/b", Latency.sequence(ms(2), ms(1)));
        try (var raw = new RawClient(server)) {
            for (int i = 0; i < 3; i++) {
                raw.get("/b").readThrough("/b\n");
                raw.get("/a").readThrough("/a\n");
            }
        }
        assertThat(a.log()).extracting(Exchange::planned).isEqualTo(a.plannedDelays(3));
        assertThat(b.log()).extracting(Exchange::planned).containsExactly(ms(2), ms(1), ms(1));
    }

    @Test
    void logNormalDelaysKeepTheirMedianTheirP99AndTheirCap() {
        List<Duration> delays = new ArrayList<>(server.route("/a", RANDOM).plannedDelays(20_000));
        delays.sort(null);

        assertThat(delays.get(10_000)).isBetween(ms(95), ms(105));
        assertThat(delays.get(19_800)).isBetween(ms(780), ms(1020));
        assertThat(delays.getLast()).isEqualTo(ms(2000));
        assertThat(delays.getFirst()).isPositive();
    }

    @Test
    void aMedianThatIsItsOwnP99IsTheSameDelayEveryTime() {
        Latency latency = Latency.logNormal(ms(5), ms(5), ms(5));

        assertThat(server.route("/a", latency).plannedDelays(9)).containsOnly(ms(5));
    }

    @Test
    void wrongLatenciesAreRefusedWithTheValue() {
        assertThatThrownBy(() -> Latency.fixed(ms(-1))).hasMessageContaining("PT-0.001S");
        assertThatThrownBy(() -> Latency.fixed(Duration.ofDays(2))).hasMessageContaining("PT48H");
        assertThatThrownBy(() -> Latency.sequence(ms(1), ms(-1))).hasMessageContaining("PT-0.001S");
        assertThatThrownBy(() -> Latency.logNormal(ms(1), ms(9), Duration.ofDays(2)))
                .hasMessageContaining("PT48H");
        assertThat(Latency.fixed(Latency.LONGEST).delay(1, 1)).isEqualTo(Latency.LONGEST);
        assertThatThrownBy(Latency::sequence).hasMessageContaining("at least one");
        assertThatThrownBy(() -> Latency.logNormal(ms(9), ms(8), ms(10)))
                .hasMessageContaining("PT0.009S")
                .hasMessageContaining("PT0.008S");
        assertThatThrownBy(() -> Latency.logNormal(ms(1), ms(9), ms(8)))
                .hasMessageContaining("PT0.008S");
        assertThatThrownBy(() -> Latency.logNormal(ms(0), ms(8), ms(9)))
                .hasMessageContaining("PT0S");
    }

    @Test
    void makespanIsThatOfGreedyListScheduling() {
        List<Duration> delays = List.of(ms(3), ms(2), ms(2));

        assertThat(Makespan.of(delays, 1)).isEqualTo(ms(7));
        assertThat(Makespan.of(delays, 2)).isEqualTo(ms(4));
        assertThat(Makespan.of(delays, 9)).isEqualTo(ms(3));
        assertThat(Makespan.of(List.of(), 1)).isZero();
        assertThatThrownBy(() -> Makespan.of(delays, 0)).hasMessageContaining("it is 0");
    }

    private static Duration ms(long millis) {
        return Duration.ofMillis(millis);
    }
}
