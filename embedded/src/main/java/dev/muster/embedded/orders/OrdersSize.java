package dev.muster.embedded.orders;

/**
 * How large the data set is, and the seed that fixes every value of it.
 *
 * @param orders rows in orders, at least 1,000; payments are fifteen sixteenths of that, items one and a half times
 * @param customers at least 1
 */
public record OrdersSize(int orders, int customers, long seed) {
    private static final int FEWEST_ORDERS = 1_000;
    private static final int ORDERS_PER_CUSTOMER = 12;
    private static final int BYTES_PER_ORDER = 430;
    private static final long SEED = 20_261_121;

    public OrdersSize {
        if (orders < FEWEST_ORDERS || customers < 1) {
            throw new IllegalArgumentException("Too few: " + orders + " orders, " + customers + " customers.");
        }
    }

    /** The demo's own: about 270 MB, loaded within ten seconds on two free cores. */
    public static OrdersSize standard() {
        return ofOrders(600_000);
    }

    public static OrdersSize ofOrders(int orders) {
        return new OrdersSize(orders, Math.max(1, orders / ORDERS_PER_CUSTOMER), SEED);
    }

    /** A data set whose tables and indexes take about so many million bytes. */
    public static OrdersSize ofMegabytes(int megabytes) {
        return ofOrders(Math.max(FEWEST_ORDERS, (int) (megabytes * 1_000_000L / BYTES_PER_ORDER)));
    }
}
