package dev.muster.postgres.rowreturn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.rowreturn.InsertOrder.Reference;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InsertOrderTest {
    @Test
    void parentsComeBeforeTheirChildrenAndATableMayReferToItself() {
        InsertOrder order = InsertOrder.of(
                List.of(1L, 2L, 3L), Set.of(new Reference(1, 2), new Reference(2, 3), new Reference(3, 3)));
        assertThat(order.tables()).containsExactly(3L, 2L, 1L);
        assertThat(order.circular()).isFalse();
    }

    @Test
    void tablesThatReferToEachOtherAreFilledLastAndSaidToBeCircular() {
        InsertOrder order = InsertOrder.of(List.of(1L, 2L, 3L), Set.of(new Reference(1, 2), new Reference(2, 1)));
        assertThat(order.tables()).containsExactly(3L, 1L, 2L);
        assertThat(order.circular()).isTrue();
    }
}
