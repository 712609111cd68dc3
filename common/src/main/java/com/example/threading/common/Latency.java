package com.example.threading.common;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/// How long a route waits before it answers: the same for every request, drawn from a distribution,
/// or read from a script.
public sealed interface Latency {
    /// The longest delay that any latency may ask for.
    Duration LONGEST = Duration.ofDays(1);

    /// The delay of one request. A pure function: the same arguments give the same delay, whatever
    /// was asked before and by whom.
    ///
    /// @param seed what random delays are drawn from
    /// @param ordinal which request of the route this is, counting from 1
    /// @return zero or more
    Duration delay(long seed, int ordinal);

    /// {@return no delay at all}
    static Latency none() {
        return new Fixed(Duration.ZERO);
    }

    /// {@return the same delay for every request}
    ///
    /// @param delay from zero to [#LONGEST]
    /// @throws IllegalArgumentException if it is out of range
    static Latency fixed(Duration delay) {
        return new Fixed(delay);
    }

    /// {@return delays as real services have them: drawn from a log-normal distribution}
    ///
    /// @param median half of the delays are shorter; above zero
    /// @param p99 one in a hundred is longer; the median or more
    /// @param cap none is longer; `p99` or more, at most [#LONGEST]
    /// @throws IllegalArgumentException if they are not in ascending order, or out of range
    static Latency logNormal(Duration median, Duration p99, Duration cap) {
        return new LogNormal(median, p99, cap);
    }

    /// {@return one delay per request, in this order}
    ///
    /// @param delays one or more, each from zero to [#LONGEST]; the last one serves every request
    ///     after it
    /// @throws IllegalArgumentException if there is none, or one is out of range
    static Latency sequence(Duration... delays) {
        return new Sequence(List.of(delays));
    }

    /// The same delay for every request.
    ///
    /// @param delay from zero to [#LONGEST]
    record Fixed(Duration delay) implements Latency {
        /// Refuses a delay out of range.
        public Fixed {
            requireDelay(delay);
        }

        @Override
        public Duration delay(long seed, int ordinal) {
            return delay;
        }
    }

    /// Log-normal delays.
    ///
    /// @param median above zero
    /// @param p99 the median or more
    /// @param cap `p99` or more, at most [#LONGEST]
    record LogNormal(Duration median, Duration p99, Duration cap) implements Latency {
        /// Where the standard normal distribution has 99 % of its weight below.
        private static final double Z99 = 2.3263478740408408;

        /// Refuses values that are not in ascending order.
        public LogNormal {
            requireDelay(cap);
            if (!median.isPositive() || median.compareTo(p99) > 0 || p99.compareTo(cap) > 0) {
                throw new IllegalArgumentException(
                        "expected 0 < median <= p99 <= cap, but median is " + median + ", p99 is "
                                + p99
                                + ", cap is " + cap);
            }
        }

        @Override
        public Duration delay(long seed, int ordinal) {
            double sigma = Math.log((double) p99.toNanos() / median.toNanos()) / Z99;
            double factor = Math.exp(sigma * randomFor(seed, ordinal).nextGaussian());
            return Duration.ofNanos(Math.min((long) (median.toNanos() * factor), cap.toNanos()));
        }

        /// A generator of its own for each request, so that no other request can shift its delay.
        private static SplittableRandom randomFor(long seed, int ordinal) {
            return new SplittableRandom(new SplittableRandom(seed).nextLong() + ordinal);
        }
    }

    /// Delays from a script.
    ///
    /// @param delays one or more, each from zero to [#LONGEST]
    record Sequence(List<Duration> delays) implements Latency {
        /// Refuses an empty script and a delay out of range.
        public Sequence {
            delays = List.copyOf(delays);
            if (delays.isEmpty()) {
                throw new IllegalArgumentException(
                        "expected at least one delay, but there is none");
            }
            delays.forEach(Latency::requireDelay);
        }

        @Override
        public Duration delay(long seed, int ordinal) {
            return delays.get(Math.min(ordinal, delays.size()) - 1);
        }
    }

    private static void requireDelay(Duration delay) {
        if (delay.isNegative() || delay.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "expected a delay from 0 to " + LONGEST + ", but it is " + delay);
        }
    }
}
