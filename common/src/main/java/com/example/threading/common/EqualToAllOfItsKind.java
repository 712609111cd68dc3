package com.example.threading.common;

/// A failure that equals all others of its class, as a user's may: code that compares failures by
/// `equals` instead of `==` takes two of them for one.
@SuppressWarnings("ThrowableEqualsHashCode") // The point of it.
public final class EqualToAllOfItsKind extends Error {
    private static final long serialVersionUID = 1;

    /// A failure.
    ///
    /// @param message tells a reader which one it is
    public EqualToAllOfItsKind(String message) {
        super(message);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EqualToAllOfItsKind;
    }

    @Override
    public int hashCode() {
        return 1;
    }
}
