package dev.muster.embedded.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class ReportsTest {
    /** Kept after the tests, to be looked at. */
    private static final Path LOOK = Path.of("target", "sample-reports");

    @Test
    void theTextFitsTheTerminalAndSaysWhatMattersFirst() {
        for (ReportDocument document : List.of(SampleReport.good(), SampleReport.bad())) {
            String text = TextReport.of(document);
            assertThat(text.lines().filter(line -> line.length() > TextReport.WIDTH))
                    .isEmpty();
            assertThat(text).doesNotContain("\t").doesNotContain("\u001B");
        }
        assertThat(TextReport.of(SampleReport.good()))
                .startsWith("SUCCEEDED: Point-in-time recovery of orders-main\n155,332 payments")
                .containsPattern("RTO +40.2 s +promised 15 min +met")
                .containsPattern("RPO +0.08 s +promised 5 min +met")
                .contains("public.payments: 155,332 of 155,332 deleted rows are back")
                .containsPattern("Restore the backup beside the live database +host-orders-1 +11.8 s  2 attempts")
                .containsPattern("NOT CHECKED +Standby in the other site");
        assertThat(TextReport.of(SampleReport.bad()))
                .startsWith("FAILED")
                .containsPattern("RTO +17 min 05 s +promised 15 min +MISSED")
                .containsPattern("RPO +not measured +promised 5 min +unknown");
    }

    @Test
    void longTextIsBrokenAtSpacesAndAddressesStayWhole() {
        String address = "http://127.0.0.1/" + "x".repeat(120);
        assertThat(TextReport.wrap(
                        "see " + address + " or " + "word ".repeat(30).strip(), "* ", "    "))
                .anySatisfy(line -> assertThat(line).contains(address))
                .allSatisfy(line -> assertThat(line.length() <= TextReport.WIDTH || line.contains(address))
                        .isTrue());
    }

    @Test
    void programsReadTheJson() throws Exception {
        JsonNode json = new ObjectMapper().readTree(JsonReport.of(SampleReport.good()));
        assertThat(json.get("outcome").asText()).isEqualTo("succeeded");
        assertThat(json.get("seconds").asDouble()).isEqualTo(40.2);
        assertThat(json.at("/objectives/1/achievedSeconds").asDouble()).isEqualTo(0.084);
        assertThat(json.at("/checks/3/verdict").asText()).isEqualTo("not-checked");
        assertThat(json.at("/steps/3/attempts").asInt()).isEqualTo(2);
        assertThat(new ObjectMapper()
                        .readTree(JsonReport.of(SampleReport.bad()))
                        .at("/objectives/1")
                        .has("achievedSeconds"))
                .isFalse();
    }

    @Test
    void theHtmlStandsAloneIsWellFormedAndEscapesWhatItShows() throws Exception {
        for (ReportDocument document : List.of(SampleReport.good(), SampleReport.bad())) {
            String html = HtmlReport.of(document);
            assertThat(html)
                    .doesNotContain("<script")
                    .doesNotContainPattern("(src|href)=")
                    .doesNotContain("url(")
                    .doesNotContain("@import");
            // As XML, but for the tags that HTML leaves open and the entities that XML does not know.
            String xml = html.replaceAll("<!DOCTYPE html>|<meta [^>]*>", "").replace("&middot;", "·");
            var parsed = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new java.io.ByteArrayInputStream(xml.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            assertThat(parsed.getElementsByTagName("h1").item(0).getTextContent())
                    .isEqualTo(document.title());
        }
        assertThat(HtmlReport.of(SampleReport.bad())).contains("&lt;script&gt;alert(1)&lt;/script&gt;");
    }

    @Test
    void allFormsAreWrittenTogether() throws Exception {
        Path html = Reports.write(SampleReport.good(), LOOK.resolve("good"));
        Reports.write(SampleReport.bad(), LOOK.resolve("bad"));
        assertThat(Files.readString(html)).startsWith("<!DOCTYPE html>");
        assertThat(LOOK.resolve("good/report.json")).isNotEmptyFile();
        assertThat(LOOK.resolve("good/report.txt")).isNotEmptyFile();
    }

    @Test
    void timesReadAsPeopleSayThem() {
        assertThat(Amounts.time(Duration.ofMillis(84))).isEqualTo("0.08 s");
        assertThat(Amounts.time(Duration.ofMillis(47_340))).isEqualTo("47.3 s");
        assertThat(Amounts.time(Duration.ofSeconds(725))).isEqualTo("12 min 05 s");
        assertThat(Amounts.time(Duration.ofSeconds(3_599).plusMillis(700))).isEqualTo("1 h");
        assertThat(Amounts.time(Duration.ofMinutes(62))).isEqualTo("1 h 02 min");
        assertThat(Amounts.promise(Duration.ofSeconds(10))).isEqualTo("10 s");
        assertThat(Amounts.promise(Duration.ofMinutes(15))).isEqualTo("15 min");
    }

    @Test
    void theSurroundingsAreNamed() {
        assertThat(Surroundings.entries(new ReportDocument.Entry("PostgreSQL", "18.6")))
                .extracting(ReportDocument.Entry::name)
                .contains("Java", "Processors", "System", "PostgreSQL");
    }
}
