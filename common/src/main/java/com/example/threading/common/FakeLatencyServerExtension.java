package com.example.threading.common;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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
/// gets a server for the whole class, which its tests then share.
///
/// Together with [NoLeaks] it fails a test that leaves a connection to its server open. Connections
/// to a server of the whole class may outlive a test.
public final class FakeLatencyServerExtension implements ParameterResolver, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(FakeLatencyServerExtension.class);

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
        FakeLatencyServer given = given(context);
        return given != null ? given : give(context);
    }

    private static @Nullable FakeLatencyServer given(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(FakeLatencyServer.class, FakeLatencyServer.class);
    }

    private static FakeLatencyServer give(ExtensionContext context) {
        var server = new FakeLatencyServer();
        // JUnit closes what is closeable in its store when the test is over.
        context.getStore(NAMESPACE).put(FakeLatencyServer.class, server);
        NoLeaks.alsoLookFor("connections", server::openConnections, context);
        return server;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        FakeLatencyServer server = given(context);
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
