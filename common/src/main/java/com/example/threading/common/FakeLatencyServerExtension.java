package com.example.threading.common;

import java.util.List;
import java.util.stream.Collectors;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives each test a [FakeLatencyServer] of its own: as a parameter of the test, of its lifecycle
/// methods, or of the test class's constructor, which may keep it in a field. All of them get the
/// same server, and it is closed after the test. If the test fails, the server's log is attached to
/// the failure as a suppressed exception.
///
/// Register it with `@ExtendWith(FakeLatencyServerExtension.class)`. A parameter of `@BeforeAll`
/// gets a server for the whole class.
public final class FakeLatencyServerExtension implements ParameterResolver, AfterEachCallback {
    static final Namespace NAMESPACE = Namespace.create(FakeLatencyServerExtension.class);

    /// For JUnit to call.
    public FakeLatencyServerExtension() {}

    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        // A server for each test, also where the constructor asks for it.
        return ExtensionContextScope.TEST_METHOD;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == FakeLatencyServer.class;
    }

    @Override
    public FakeLatencyServer resolveParameter(ParameterContext parameter,
            ExtensionContext context) {
        // JUnit closes what is closeable in its store when the test is over.
        return context.getStore(NAMESPACE).computeIfAbsent(FakeLatencyServer.class,
                _ -> new FakeLatencyServer(), FakeLatencyServer.class);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        var server = context.getStore(NAMESPACE).get(FakeLatencyServer.class,
                FakeLatencyServer.class);
        if (server != null) {
            context.getExecutionException()
                    .ifPresent(failure -> failure.addSuppressed(new ServerLog(server.log())));
        }
    }

    /// What the server saw, in a place where a report shows it.
    private static final class ServerLog extends Exception {
        private static final long serialVersionUID = 1;

        ServerLog(List<Exchange> log) {
            super(log.stream().map(Exchange::toString)
                    .collect(Collectors.joining("\n", "the fake server saw:\n", "")), null, false,
                    false);
        }
    }
}
