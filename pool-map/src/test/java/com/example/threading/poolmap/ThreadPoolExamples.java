package com.example.threading.poolmap;

import static com.example.threading.poolmap.Zip.repeat;
import static com.example.threading.poolmap.Zip.zip;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;

/// The listings of the module's page. [ThreadPoolExamplesTest] runs them.
final class ThreadPoolExamples {

    private final HttpClient client;

    ThreadPoolExamples(HttpClient client) {
        this.client = client;
    }

    // tag::fetch[]
    List<String> fetchAll(List<URI> urls)
            throws IOException, InterruptedException {
        try (var pool = new ThreadPool(4)) {
            return pool.map(this::fetch, urls);
        }
    }

    String fetch(URI url) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(url).build();
        return client.send(request, BodyHandlers.ofString()).body();
    }
    // end::fetch[]

    static List<Object> asInPython(List<String> a, List<String> b)
            throws InterruptedException {
        List<Object> read = new ArrayList<>();
        // tag::python[]
        try (var pool = new ThreadPool(4)) {
            var lengths = pool.map(String::length, a);
            var pairs = pool.starmap(String::concat, zip(a, b));
            var fixed = pool.starmap(String::concat,
                    zip(repeat("x"), b));
            try (var lazy = pool.imap(String::length, repeat("x"))) {
                lazy.limit(3).forEach(read::add);
            }
            var later = pool.mapAsync(String::length, a);
            var inTime = later.orTimeout(5, SECONDS).join();
            read.addAll(List.of(lengths, pairs, fixed, inTime));
        }
        // end::python[]
        return read;
    }
}
