import java.time.Duration;
import java.util.*;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;

/** Counts the words of the topic lines into the topic counts, exactly once. Arguments: brokers, a folder for its state. */
public class WordCount {
  public static void main(String[] args) {
    var settings = new Properties();
    settings.put("application.id", "word-count");
    settings.put("bootstrap.servers", args[0]);
    settings.put("state.dir", args[1]);
    settings.put("processing.guarantee", "exactly_once_v2");
    settings.put("commit.interval.ms", 100);
    // Every count is sent on: a repeated or a missing one shows.
    settings.put("statestore.cache.max.bytes", 0);
    settings.put("default.key.serde", Serdes.String().getClass());
    settings.put("default.value.serde", Serdes.String().getClass());
    settings.put("consumer.auto.offset.reset", "earliest");
    // One that was killed is missed soon.
    settings.put("consumer.session.timeout.ms", 6000);
    settings.put("consumer.heartbeat.interval.ms", 500);

    var builder = new StreamsBuilder();
    builder.<String, String>stream("lines")
      .flatMapValues(line -> List.of(line.split(" ")))
      .groupBy((key, word) -> word)
      .count()
      .toStream()
      .mapValues(count -> Long.toString(count))
      .to("counts");
    var streams = new KafkaStreams(builder.build(), settings);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(10))));
    streams.start();
  }
}
