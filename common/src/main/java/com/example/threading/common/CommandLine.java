package com.example.threading.common;

import com.google.common.primitives.Longs;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;

/// What all runnable examples have in common on the command line: `--help` prints how to use the
/// example, a bad argument or a failure is one line on standard error, and the exit status tells
/// which of them it was.
///
/// ```java
/// public static void main(String[] args) {
///     System.exit(CommandLine.run(USAGE, List.of(args), System.out, System.err, MyExample::run));
/// }
/// ```
public final class CommandLine {
    private CommandLine() {}

    /// A runnable example, but for the handling of its failures.
    @FunctionalInterface
    public interface Program {
        /// Does the work.
        ///
        /// @param args what follows the name of the program
        /// @param out where results go
        /// @param err where failures go
        /// @return the exit status: 0 if all went well, 1 if the work failed and `err` says why
        /// @throws BadArgument if an argument is not what was expected
        /// @throws Exception if the work failed
        int run(List<String> args, PrintStream out, PrintStream err) throws Exception;
    }

    /// An argument that is not what was expected. The message names both.
    public static final class BadArgument extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        /// A refusal.
        ///
        /// @param message the whole line that the user sees
        public BadArgument(String message) {
            super(message);
        }
    }

    /// Runs a program and tells how it ended. Unchecked exceptions are bugs of the program and are
    /// passed on; on the way out of `main` they print their stack trace, and the exit status is 1.
    ///
    /// @param usage what `--help` prints
    /// @param args the arguments of `main`
    /// @param out standard output
    /// @param err standard error
    /// @param program what is run
    /// @return the exit status: 0 if all went well or help was asked for; 1 if the work failed,
    ///     which includes an interrupt; 2 if an argument was bad
    public static int run(String usage, List<String> args, PrintStream out, PrintStream err,
            Program program) {
        if (args.contains("--help") || args.contains("-h")) {
            out.println(usage.strip());
            return 0;
        }
        try {
            return program.run(args, out, err);
        } catch (BadArgument mistake) {
            err.println(oneLine(String.valueOf(mistake.getMessage())));
            return 2;
        } catch (RuntimeException bug) {
            throw bug;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            err.println("interrupted");
            return 1;
        } catch (Exception failure) {
            err.println(Reason.of(failure));
            return 1;
        }
    }

    /// {@return the argument as a URL}
    ///
    /// @param argument with the scheme http or https, a host, and no port or one from 1 to 65535
    /// @throws BadArgument if it is anything else
    public static URI url(String argument) {
        try {
            URI url = URI.create(argument);
            int port = url.getPort();
            if (String.valueOf(url.getScheme()).matches("(?i)https?") && url.getHost() != null
                    && (port == -1 || (port >= 1 && port <= 65_535))) {
                return url;
            }
        } catch (IllegalArgumentException _) {
            // Not even a URI: the same mistake.
        }
        throw new BadArgument(
                "expected a URL such as https://example.com/, but it is '" + argument + "'");
    }

    /// {@return the argument as a whole number}
    ///
    /// @param name what the argument is called
    /// @param argument in decimal digits
    /// @param min the least that it may be
    /// @param max the most that it may be
    /// @throws BadArgument if it is no such number, or out of range
    public static long wholeNumber(String name, String argument, long min, long max) {
        Long number = Longs.tryParse(argument);
        if (number == null || number < min || number > max) {
            throw new BadArgument("expected a whole number from " + min + " to " + max + " for "
                    + name + ", but it is '" + argument + "'");
        }
        return number;
    }

    static String oneLine(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
