package com.example.threading.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.example.threading.poolmap.ThreadPool;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;

/// What the page shows. It is compiled and not run, for it needs that machine.
final class ClusterExamples {

    // tag::remotely[]
    List<String> bodies(List<URI> urls)
            throws IOException, InterruptedException {
        try (var cluster = Cluster.join(List.of("10.0.0.5:5701"));
                var pool = new ThreadPool(cluster.threads())) {
            return pool.map(cluster.remotely(Fetch::body), urls);
        }
    }
    // end::remotely[]

    private static final class Fetch {
        private Fetch() {}

        static String body(URI url) throws IOException {
            try (InputStream body = url.toURL().openStream()) {
                return new String(body.readAllBytes(), UTF_8);
            }
        }
    }
}
