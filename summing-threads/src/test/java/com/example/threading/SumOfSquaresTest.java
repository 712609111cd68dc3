package com.example.threading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SumOfSquaresTest {

    @Test
    void theSumIsWhatTheFormulaSays() throws Exception {
        long n = 10_000;

        assertThat(SumOfSquares.sumOfSquares(n)).isEqualTo((n - 1) * n * (2 * n - 1) / 6);
    }

    @Test
    void noNumbersHaveTheSumZero() throws Exception {
        assertThat(SumOfSquares.sumOfSquares(0)).isZero();
    }

    @Test
    void aNegativeCountIsRefused() {
        assertThatThrownBy(() -> SumOfSquares.sumOfSquares(-1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("-1");
    }
}
