package dev.muster.catalog;

/**
 * A token just made.
 *
 * @param bearer what the bearer presents; shown this once, only its hash is kept
 */
public record NewToken(ApiToken token, String bearer) {
    /** Without the secret: this may reach a log. */
    @Override
    public String toString() {
        return token.toString();
    }
}
