#!/usr/bin/env bash
# Runs a class of Kafka with the official scripts' variables. ARCHIVE: a class-data archive that speeds up the start.
KAFKA_HEAP_OPTS=${KAFKA_HEAP_OPTS:--Xmx256M}
KAFKA_LOG4J_OPTS=${KAFKA_LOG4J_OPTS:--Dlog4j2.configurationFile=/opt/kafka/config/tools-log4j2.yaml}
KAFKA_JVM_PERFORMANCE_OPTS=${KAFKA_JVM_PERFORMANCE_OPTS:--server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -Djava.awt.headless=true}
classpath=$(printf '%s:' /opt/kafka/${LIBS:-libs}/*.jar)
exec java $KAFKA_HEAP_OPTS $KAFKA_JVM_PERFORMANCE_OPTS $KAFKA_LOG4J_OPTS ${ARCHIVE:+-XX:SharedArchiveFile=$ARCHIVE} $KAFKA_OPTS \
  -cp "$classpath" "$@"
