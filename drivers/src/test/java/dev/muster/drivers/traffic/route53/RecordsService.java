package dev.muster.drivers.traffic.route53;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * What moto does not do of Route 53: a deletion counts only if each value is right, a batch is all or nothing, changes are
 * pending for a while, and answers get lost. Its words are Amazon's documentation of the API.
 */
final class RecordsService implements AutoCloseable {
    private static final String NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/";

    /** A record set, as the text inside its element, which is the same in requests and answers. */
    private final List<String> sets = new ArrayList<>();

    private final HttpServer server;
    final Deque<String> batches = new ConcurrentLinkedDeque<>();
    final AtomicInteger pending = new AtomicInteger();
    final AtomicInteger lost = new AtomicInteger();

    RecordsService() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.createContext("/2013-04-01/hostedzone/Z1/rrset", this::records);
        server.createContext("/2013-04-01/change/", this::change);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    synchronized void put(String... given) {
        sets.clear();
        sets.addAll(List.of(given));
    }

    static String weighted(String identifier, int weight, String value) {
        return set("<SetIdentifier>" + identifier + "</SetIdentifier><Weight>" + weight + "</Weight>", 60, value);
    }

    static String set(String routing, int ttl, String value) {
        return "<Name>app.example.org.</Name><Type>A</Type>" + routing + "<TTL>" + ttl
                + "</TTL><ResourceRecords><ResourceRecord><Value>" + value
                + "</Value></ResourceRecord></ResourceRecords>";
    }

    private void records(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (exchange.getRequestMethod().equals("GET")) {
            answer(exchange, 200, list());
            return;
        }
        boolean done = apply(body);
        if (lost.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            exchange.close();
        } else if (done) {
            answer(
                    exchange,
                    200,
                    "<ChangeResourceRecordSetsResponse xmlns=\"" + NAMESPACE + "\">" + info("PENDING")
                            + "</ChangeResourceRecordSetsResponse>");
        } else {
            answer(
                    exchange,
                    400,
                    "<ErrorResponse xmlns=\"" + NAMESPACE + "\"><Error><Type>Sender</Type>"
                            + "<Code>InvalidChangeBatch</Code><Message>but the values provided do not match the current values"
                            + "</Message></Error><RequestId>r</RequestId></ErrorResponse>");
        }
    }

    private synchronized String list() {
        StringBuilder list =
                new StringBuilder("<ListResourceRecordSetsResponse xmlns=\"" + NAMESPACE + "\"><ResourceRecordSets>");
        sets.forEach(set -> list.append("<ResourceRecordSet>").append(set).append("</ResourceRecordSet>"));
        return list.append("</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems>"
                        + "</ListResourceRecordSetsResponse>")
                .toString();
    }

    private synchronized boolean apply(byte[] body) throws IOException {
        batches.add(new String(body, StandardCharsets.UTF_8));
        List<String> after = new ArrayList<>(sets);
        NodeList changes = parse(body).getElementsByTagName("Change");
        for (int index = 0; index < changes.getLength(); index++) {
            Element change = (Element) changes.item(index);
            String set = content(
                    (Element) change.getElementsByTagName("ResourceRecordSet").item(0));
            boolean delete = "DELETE"
                    .equals(change.getElementsByTagName("Action").item(0).getTextContent());
            if (delete ? !after.remove(set) : !after.add(set)) {
                return false;
            }
        }
        sets.clear();
        sets.addAll(after);
        return true;
    }

    private static Document parse(byte[] body) throws IOException {
        try {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(body));
        } catch (javax.xml.parsers.ParserConfigurationException | org.xml.sax.SAXException e) {
            throw new IOException(e);
        }
    }

    /** Of the elements that tests use, in the order of the protocol. */
    private static String content(Element set) {
        StringBuilder routing = new StringBuilder();
        for (String name : List.of("SetIdentifier", "Weight", "Failover")) {
            NodeList found = set.getElementsByTagName(name);
            if (found.getLength() > 0) {
                routing.append('<')
                        .append(name)
                        .append('>')
                        .append(found.item(0).getTextContent());
                routing.append("</").append(name).append('>');
            }
        }
        return set(
                routing.toString(),
                Integer.parseInt(set.getElementsByTagName("TTL").item(0).getTextContent()),
                set.getElementsByTagName("Value").item(0).getTextContent());
    }

    private void change(HttpExchange exchange) throws IOException {
        String status = pending.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? "PENDING" : "INSYNC";
        answer(
                exchange,
                200,
                "<GetChangeResponse xmlns=\"" + NAMESPACE + "\">" + info(status) + "</GetChangeResponse>");
    }

    private static String info(String status) {
        return "<ChangeInfo><Id>/change/C1</Id><Status>" + status
                + "</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo>";
    }

    private static void answer(HttpExchange exchange, int status, String xml) throws IOException {
        byte[] bytes = ("<?xml version=\"1.0\"?>" + xml).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "text/xml");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
