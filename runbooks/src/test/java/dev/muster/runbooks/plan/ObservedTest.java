package dev.muster.runbooks.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.Observed;
import dev.muster.runbooks.observation.RepositoryObservation;
import org.junit.jupiter.api.Test;

/** Observations travel from the workers that made them as JSON, by whatever settings the traveller's mapper has. */
class ObservedTest {
    @Test
    void anObservationIsTheSameAfterItsTravel() throws JsonProcessingException {
        ObjectMapper plain =
                JsonMapper.builder().addModule(new JavaTimeModule()).build();
        Examples.State state = Examples.state();
        state.restoreBytesPerSecond = 1L;
        Observed observed = state.observed();
        assertThat(new Observed(
                        plain.readValue(plain.writeValueAsString(observed.database()), DatabaseObservation.class),
                        plain.readValue(plain.writeValueAsString(observed.repository()), RepositoryObservation.class)))
                .isEqualTo(observed);
        state.live = null;
        state.space = null;
        DatabaseObservation dead = state.observed().database();
        assertThat(plain.readValue(plain.writeValueAsString(dead), DatabaseObservation.class))
                .isEqualTo(dead);
    }
}
