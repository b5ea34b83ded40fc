#!/usr/bin/env bash
# Runs the registry with the official image's JAVA_OPTS, JAVA_OPTS_APPEND and JAVA_OPTIONS.
cd /deployments
[ -f registry.jsa ] && shared=-XX:SharedArchiveFile=registry.jsa
exec java -XX:+UseSerialGC $shared ${JAVA_OPTS:--Dquarkus.http.host=0.0.0.0 -Djava.util.logging.manager=org.jboss.logmanager.LogManager} \
  $JAVA_OPTIONS $JAVA_OPTS_APPEND -jar quarkus-run.jar
