package dev.muster.cli.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextFileTest {
    private final Path place;
    private final ContextFile file;

    ContextFileTest(@TempDir Path folder) {
        place = folder.resolve("config").resolve("contexts.json");
        file = new ContextFile(place);
    }

    private static Context context(String name) {
        return new Context(
                name,
                ApiAddress.parse("https://" + name + ".example:8443", false),
                new TokenReference("env:TOKEN_OF_" + name),
                Path.of("/etc/muster/ca.pem"));
    }

    static void expect(String code, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(CliException.class, error -> {
            assertThat(error.code()).isEqualTo(code);
            assertThat(error.hint()).isNotBlank();
        });
    }

    @Test
    void whatWasAddedIsReadAgainAndOnlyItsOwnerMayReadIt() throws IOException {
        Contexts contexts = Contexts.NONE.with(context("test"), false).with(context("production"), false);
        file.write(contexts);
        assertThat(file.read()).isEqualTo(contexts);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place.getParent())))
                .isEqualTo("rwx------");
        assertThat(place.getParent()).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void withoutAFileThereAreNoContexts() {
        assertThat(file.read()).isEqualTo(Contexts.NONE);
    }

    @Test
    void theFirstOneIsInUseAndOthersOnlyWhenTheyAreChosen() {
        Contexts contexts = Contexts.NONE.with(context("test"), false).with(context("production"), false);
        assertThat(contexts.current()).isEqualTo("test");
        assertThat(contexts.using("production").current()).isEqualTo("production");
    }

    @Test
    void afterTheOneInUseIsRemovedNoneIs() {
        Contexts contexts = Contexts.NONE.with(context("test"), false).with(context("production"), false);
        assertThat(contexts.without("test").current()).isNull();
        assertThat(contexts.without("production").current()).isEqualTo("test");
    }

    @Test
    void aContextIsNotReplacedUnasked() {
        Contexts contexts = Contexts.NONE.with(context("test"), false);
        expect("CONTEXT_EXISTS", () -> contexts.with(context("test"), false));
        assertThat(contexts.with(context("test"), true)).isEqualTo(contexts);
    }

    @Test
    void badNamesAndUnknownOnesAreRefused() {
        Context good = context("test");
        for (String name : new String[] {"", "a b", "-a", "a/b", "a".repeat(64)}) {
            Context bad = new Context(name, good.api(), good.token(), null);
            expect("CONTEXT_NAME_INVALID", () -> Contexts.NONE.with(bad, false));
        }
        expect("CONTEXT_UNKNOWN", () -> Contexts.NONE.find("test"));
        expect("CONTEXT_UNKNOWN", () -> Contexts.NONE.using("test"));
        expect("CONTEXT_UNKNOWN", () -> Contexts.NONE.without("test"));
    }

    @Test
    void aFileThatOthersMayWriteIsNotBelieved() throws IOException {
        file.write(Contexts.NONE.with(context("test"), false));
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rw-rw----"));
        expect("CONTEXTS_UNSAFE", file::read);
    }

    @Test
    void aFileThatIsDamagedOrNoneOfOursIsRefusedAndStays() throws IOException {
        Files.createDirectories(place.getParent());
        for (String content : new String[] {"{", "[]", "{\"schema\": 2, \"contexts\": {}}", ""}) {
            Files.writeString(place, content);
            Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rw-------"));
            expect("CONTEXTS_UNREADABLE", file::read);
            assertThat(place).hasContent(content);
        }
    }

    @Test
    void theFileIsWhereTheEnvironmentSaysElseBelowTheHome() {
        assertThat(ContextFile.of(null, Map.of("MUSTER_CONFIG", "/etc/c.json")).path())
                .hasToString("/etc/c.json");
        assertThat(ContextFile.of(place, Map.of("MUSTER_CONFIG", "/etc/c.json")).path())
                .isEqualTo(place);
        assertThat(ContextFile.of(null, Map.of()).path().toString()).endsWith("/.config/muster/contexts.json");
    }
}
