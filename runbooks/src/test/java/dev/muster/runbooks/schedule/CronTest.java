package dev.muster.runbooks.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a cron means; what is refused is in the error files beside the YAML reader's test. */
class CronTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 2 * * *          | 0 2 * * *",
                "  0   2 * *  * | 0 2 * * *",
                "*/15 8-10 * * 1-5  | 0,15,30,45 8,9,10 * * 1,2,3,4,5",
                "0 3 * * 7          | 0 3 * * 0",
                "0 3 * * SUN        | 0 3 * * 0",
                "0 3 * * fri-7      | 0 3 * * 0,5,6",
                "0 3 * * 0-7        | 0 3 * * *",
                "0 4 1 jan,JUL *    | 0 4 1 1,7 *",
                "1-10/3,0 0 * * *   | 0,1,4,7,10 0 * * *",
                "0 0 29 2 *         | 0 0 29 2 *",
                "0 0 31 2-3 *       | 0 0 31 2,3 *",
                "0-59 * 1-31 1-12 * | * * * * *",
            })
    void aCronMeansTheValuesOfItsFields(String written, String meaning) throws CronException {
        assertThat(Cron.parse(written).meaning()).isEqualTo(meaning);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 2 30 2 *     | CRON_NEVER",
                "0 2 31 2,4,6 * | CRON_NEVER",
                "0 2 1 * 1      | CRON_DAYS_UNCLEAR",
                "0 2 * * mon,   | CRON_NOT_READABLE",
                "0 2 * * mo     | CRON_NOT_READABLE",
                "-1 2 * * *     | CRON_NOT_READABLE",
                "1000 2 * * *   | CRON_NOT_READABLE",
                "*/100 * * * *  | CRON_NOT_READABLE",
                "?  2 * * *     | CRON_NOT_READABLE",
                "0 2 L * *      | CRON_NOT_READABLE",
                "0,,1 2 * * *   | CRON_NOT_READABLE",
            })
    void aCronThatNeverComesOrCanBeReadInTwoWaysIsRefused(String written, String code) {
        assertThatThrownBy(() -> Cron.parse(written)).isInstanceOfSatisfying(CronException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.hint()).isNotBlank();
        });
    }
}
