# Two images from one build: "muster" for control workers, the API and the command line, and "muster-host" for workers on a
# PostgreSQL host, which is PostgreSQL's own image with a Java, so that copies run on the primary's very programs and C
# library, as PostgreSQL's user. Versions are pinned; docs/compose.md says what was tried of this and what was not.

FROM maven:3.9.11-eclipse-temurin-17 AS build
WORKDIR /src
COPY . .
RUN mvn -B -ntp -Dmaven.test.skip=true -Dmuster.distribution=/opt/muster -pl embedded -am package \
    && install -D -m 755 -t /opt/muster/bin deploy/image/muster deploy/image/healthy deploy/image/prepare \
        deploy/image/archive-classes

FROM eclipse-temurin:17.0.19_10-jre-noble AS java

FROM java AS muster
RUN groupadd --system --gid 10001 muster \
    && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/muster --shell /usr/sbin/nologin muster \
    && install -d -o muster -g muster -m 755 /var/lib/muster /var/lib/muster/approvers \
    && install -d -o muster -g muster -m 700 /var/lib/muster/state /var/lib/muster/api-keys
COPY --from=build /opt/muster /opt/muster
RUN /opt/muster/bin/archive-classes
ENV PATH=/opt/muster/bin:$PATH MUSTER_READY_FILE=/tmp/muster.ready
USER 10001:10001
WORKDIR /var/lib/muster
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/opt/muster/bin/healthy"]
ENTRYPOINT ["/opt/muster/bin/muster"]
CMD ["help"]

FROM postgres:18.6-trixie AS muster-host
COPY --from=java /opt/java/openjdk /opt/java/openjdk
COPY --from=build /opt/muster /opt/muster
ENV PATH=/opt/muster/bin:/opt/java/openjdk/bin:$PATH MUSTER_READY_FILE=/tmp/muster.ready
RUN archive-classes \
    && install -d -o postgres -g postgres -m 700 /var/lib/muster /var/lib/muster/state /var/lib/muster/copies \
        /var/lib/muster/store /var/lib/muster/keys \
    && install -d -m 755 /var/lib/muster-approvers
# PostgreSQL's user in its own image: the data directory is shared with the primary's container.
USER 999:999
WORKDIR /var/lib/muster
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/opt/muster/bin/healthy"]
ENTRYPOINT ["/opt/muster/bin/muster"]
CMD ["help"]
