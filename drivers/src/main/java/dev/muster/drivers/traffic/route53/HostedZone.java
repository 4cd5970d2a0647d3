package dev.muster.drivers.traffic.route53;

import dev.muster.drivers.traffic.Outcome;
import dev.muster.drivers.traffic.TrafficException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.route53.Route53ClientBuilder;
import software.amazon.awssdk.services.route53.model.Change;
import software.amazon.awssdk.services.route53.model.ChangeAction;
import software.amazon.awssdk.services.route53.model.ChangeStatus;
import software.amazon.awssdk.services.route53.model.ListResourceRecordSetsResponse;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;
import software.amazon.awssdk.services.route53.model.Route53Exception;

/** The record sets of one name in a hosted zone, and changes to them, each made only if what was seen is still there. */
final class HostedZone implements AutoCloseable {
    private static final int PAGE = 100;
    private static final Set<String> DENIED = Set.of(
            "AccessDenied",
            "AccessDeniedException",
            "InvalidClientTokenId",
            "SignatureDoesNotMatch",
            "ExpiredToken",
            "RequestExpired");
    private static final Set<String> CHANGED = Set.of("InvalidChangeBatch", "InvalidInput");

    private final Route53Settings settings;
    private final Route53Client client;

    HostedZone(Route53Settings settings) {
        this.settings = settings;
        Route53ClientBuilder builder = Route53Client.builder()
                .region(Region.AWS_GLOBAL)
                .credentialsProvider(settings.credentials())
                .httpClient(UrlConnectionHttpClient.builder()
                        .connectionTimeout(settings.timeout())
                        .socketTimeout(settings.timeout())
                        .build())
                // A repeat of a change whose answer was lost would be told that what it deletes is not there.
                .overrideConfiguration(override ->
                        override.apiCallTimeout(settings.timeout()).retryStrategy(DefaultRetryStrategy.doNotRetry()));
        settings.endpoint().ifPresent(builder::endpointOverride);
        this.client = builder.build();
    }

    String name() {
        String name = settings.record().toLowerCase(Locale.ROOT);
        return name.endsWith(".") ? name : name + ".";
    }

    String place() {
        return "hosted zone " + settings.zone();
    }

    /** All record sets of the name and type. */
    List<ResourceRecordSet> seen() {
        return call(route53 -> {
            List<ResourceRecordSet> found = new ArrayList<>();
            String identifier = null;
            while (true) {
                String from = identifier;
                ListResourceRecordSetsResponse page =
                        route53.listResourceRecordSets(request -> request.hostedZoneId(settings.zone())
                                .startRecordName(name())
                                .startRecordType(settings.type())
                                .startRecordIdentifier(from)
                                .maxItems(Integer.toString(PAGE)));
                page.resourceRecordSets().stream().filter(this::isOurs).forEach(found::add);
                boolean more = page.isTruncated()
                        && name().equals(page.nextRecordName())
                        && settings.type().equals(page.nextRecordTypeAsString());
                if (!more || page.nextRecordIdentifier() == null) {
                    return found;
                }
                identifier = page.nextRecordIdentifier();
            }
        });
    }

    private boolean isOurs(ResourceRecordSet set) {
        return set.name().equalsIgnoreCase(name()) && settings.type().equals(set.typeAsString());
    }

    /**
     * In one batch, all or nothing: what was seen is deleted, value for value, which fails if it is not there any more.
     *
     * @return with the change's id as detail
     * @throws TrafficException nothing was changed
     */
    Outcome.Result replace(List<ResourceRecordSet> seen, List<ResourceRecordSet> wanted, String token) {
        List<Change> changes = new ArrayList<>();
        seen.forEach(set -> changes.add(change(ChangeAction.DELETE, set)));
        wanted.forEach(set -> changes.add(change(ChangeAction.CREATE, set)));
        try {
            String id = client.changeResourceRecordSets(request -> request.hostedZoneId(settings.zone())
                            .changeBatch(
                                    batch -> batch.comment("muster " + token).changes(changes)))
                    .changeInfo()
                    .id();
            return Outcome.Result.of(place(), Outcome.Effect.CHANGED, id);
        } catch (Route53Exception e) {
            if (e.statusCode() >= 500) {
                return Outcome.Result.unknown(place(), String.valueOf(e.getMessage()));
            }
            throw refused(e);
        } catch (SdkException e) {
            requireSent(e);
            return Outcome.Result.unknown(place(), String.valueOf(e.getMessage()));
        }
    }

    private static Change change(ChangeAction action, ResourceRecordSet set) {
        return Change.builder().action(action).resourceRecordSet(set).build();
    }

    private void requireSent(SdkException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            boolean before = cause instanceof java.net.ConnectException
                    || cause instanceof java.net.UnknownHostException
                    || String.valueOf(cause.getMessage()).startsWith("Unable to load credentials");
            if (before) {
                throw unreachable(e);
            }
        }
    }

    boolean isInSync(String change) {
        return call(route53 ->
                route53.getChange(request -> request.id(change)).changeInfo().status() == ChangeStatus.INSYNC);
    }

    private <T> T call(Function<Route53Client, T> action) {
        try {
            return action.apply(client);
        } catch (Route53Exception e) {
            throw refused(e);
        } catch (SdkException e) {
            throw unreachable(e);
        }
    }

    private TrafficException refused(Route53Exception e) {
        AwsErrorDetails details = e.awsErrorDetails();
        String code = details == null ? "" : String.valueOf(details.errorCode());
        String said = "Route 53 answers for " + place() + ": " + e.getMessage();
        if (code.equals("NoSuchHostedZone")) {
            return new TrafficException("TRAFFIC_PLACE_UNKNOWN", said, "Is the zone's id right, for this account?", e);
        }
        if (CHANGED.contains(code)) {
            return new TrafficException(
                    "TRAFFIC_CHANGED", said, "Somebody else changed " + name() + " meanwhile? Plan again.", e);
        }
        if (DENIED.contains(code) || e.statusCode() == 401 || e.statusCode() == 403) {
            return new TrafficException(
                    "TRAFFIC_DENIED",
                    said,
                    "The credentials need route53:ListResourceRecordSets, route53:ChangeResourceRecordSets and"
                            + " route53:GetChange, and a clock that is right.",
                    e);
        }
        if (code.equals("PriorRequestNotComplete") || e.isThrottlingException() || e.statusCode() >= 500) {
            return new TrafficException("TRAFFIC_BUSY", said, "It may be tried again.", e);
        }
        return new TrafficException("TRAFFIC_REFUSED", said, "Its words say why.", e);
    }

    private TrafficException unreachable(SdkException e) {
        return new TrafficException(
                "TRAFFIC_UNREACHABLE",
                "Route 53 cannot be asked: " + e.getMessage(),
                "Are there credentials, and may this worker reach it?",
                e);
    }

    @Override
    public void close() {
        client.close();
    }
}
