package com.example.threading.common;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/// Gives each test a [FakeLatencyServer] of its own: as a parameter of the test, of its lifecycle
/// methods, or of the test class's constructor, which may keep it in a field. All of them get the
/// same server, and it is closed after the test. If the test fails, the server's log is attached to
/// the failure as a suppressed exception.
///
/// Register it with `@ExtendWith(FakeLatencyServerExtension.class)`. A parameter of `@BeforeAll`
/// gets a server for the whole class, which its tests then share. So does a parameter of the
/// constructor if the class has the lifecycle `PER_CLASS`.
///
/// When the test method has ended, whether it failed or not, the requests that are still in flight
/// are cut off. Until the server is closed, requests are answered at once: no delay, no gate. So a
/// client whose `close` waits for its requests, such as the JDK's, cannot hang in a field with
/// `@AutoClose`, in an `@AfterEach` method or in another extension. Tests that share a server should
/// therefore not run at the same time.
///
/// Together with [NoLeaks] it fails a test that leaves a connection to its server open. Connections
/// to a server of the whole class may outlive a test.
public final class FakeLatencyServerExtension
        implements
            ParameterResolver,
            BeforeEachCallback,
            AfterTestExecutionCallback,
            AfterAllCallback,
            TestExecutionExceptionHandler,
            LifecycleMethodExecutionExceptionHandler {
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
        Given given = given(context);
        return given != null ? given.server : give(context);
    }

    /// A server, and whom it was given to: a test finds that of its class too.
    private record Given(FakeLatencyServer server, String owner) {}

    private static @Nullable Given given(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(Given.class, Given.class);
    }

    private static FakeLatencyServer give(ExtensionContext context) {
        var server = new FakeLatencyServer();
        // JUnit closes what is closeable in its store when the test is over.
        context.getStore(NAMESPACE).put(FakeLatencyServer.class, server);
        context.getStore(NAMESPACE).put(Given.class, new Given(server, context.getUniqueId()));
        NoLeaks.alsoLookFor("connections", server::openConnections, context);
        return server;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Given given = given(context);
        if (given != null) {
            given.server.hurryNoMore();
        }
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        endRequests(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Given given = given(context);
        if (given != null && given.owner.equals(context.getUniqueId())) {
            endRequests(context);
        }
    }

    private static void endRequests(ExtensionContext context) {
        Given given = given(context);
        if (given != null) {
            given.server.hurry();
        }
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure)
            throws Throwable {
        throw withLog(failure, context);
    }

    @Override
    public void handleBeforeAllMethodExecutionException(ExtensionContext context,
            Throwable failure) throws Throwable {
        throw withLog(failure, context);
    }

    @Override
    public void handleBeforeEachMethodExecutionException(ExtensionContext context,
            Throwable failure) throws Throwable {
        Throwable complete = withLog(failure, context);
        // The test is not executed, but what follows it is.
        endRequests(context);
        throw complete;
    }

    @Override
    public void handleAfterEachMethodExecutionException(ExtensionContext context,
            Throwable failure) throws Throwable {
        throw withLog(failure, context);
    }

    @Override
    public void handleAfterAllMethodExecutionException(ExtensionContext context,
            Throwable failure) throws Throwable {
        throw withLog(failure, context);
    }

    private static Throwable withLog(Throwable failure, ExtensionContext context) {
        Given given = given(context);
        if (given != null) {
            failure.addSuppressed(new ServerLog(given.server.log()));
        }
        return failure;
    }

    /// What the server saw, in a place where a report shows it.
    private static final class ServerLog extends Exception {
        private static final long serialVersionUID = 1;

        ServerLog(List<Exchange> log) {
            super(log.isEmpty()
                    ? "the fake server saw no request"
                    : log.stream().map(Exchange::toString).collect(
                            Collectors.joining("\n", "the fake server saw:\n", "")),
                    null, false, false);
        }
    }
}
