package dev.muster.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {
    private static final String ID = "01KAJ0000000000000000000BB";

    private static Table table() {
        return new Table(
                        Table.Column.of("ID"),
                        Table.Column.of("SIZE").toTheRight().optional(2),
                        Table.Column.of("SUMMARY").atLeast(10).optional(1))
                .row(ID, "7", "It brought back 12480 rows of public.payments")
                .row("short", "1200", "");
    }

    @Test
    void whereThereIsRoomEverythingIsWholeAndInColumns() {
        assertThat(table().lines(200))
                .containsExactly(
                        "ID                          SIZE  SUMMARY",
                        ID + "     7  It brought back 12480 rows of public.payments",
                        "short                       1200");
    }

    @Test
    void longTextsAreShortenedBeforeAColumnIsLeftOut() {
        assertThat(table().lines(60))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(60))
                .element(1)
                .asString()
                .startsWith(ID)
                .endsWith("…")
                .contains("   7  It brought");
    }

    @Test
    void whatMattersLeastIsLeftOutFirst() {
        assertThat(table().lines(42).get(0)).contains("ID", "SUMMARY").doesNotContain("SIZE");
        assertThat(table().lines(30)).containsExactly("ID", ID, "short");
    }

    @Test
    void anIdIsNeverCut() {
        assertThat(table().lines(10)).containsExactly("ID", ID, "short");
    }

    @Test
    void textOfOthersCannotSteerTheTerminal() {
        Table table = new Table(Table.Column.of("NAME")).row("a\u001b[2Jb\nc\u202ed");
        assertThat(table.lines(80)).containsExactly("NAME", "a?[2Jb c?d");
    }
}
