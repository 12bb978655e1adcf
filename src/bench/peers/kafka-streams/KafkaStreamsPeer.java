import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.Stores;

/**
 * The question of ../question.ts with hopping windows that are told when they close, in a store in memory without a
 * changelog. The TopologyTestDriver runs it in this process without a broker: records go through their serialisers, but
 * over no network. They come keyed by account and kind, as from a topic that is partitioned so, and hold no more than
 * is asked about. Usage: KafkaStreamsPeer EVENTS ANSWERS
 */
public class KafkaStreamsPeer {
  static final long HOP_MS = 10_000, WINDOW_MS = 600_000, DISORDER_MS = 60_000, FRESH_MS = 7L * 86_400_000;

  static class Tally {
    int count, fresh;
    Set<String> actors = new HashSet<>();
  }

  public static void main(String[] arguments) throws IOException {
    PrintWriter answers = new PrintWriter(arguments[1]);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream("events", Consumed.with(Serdes.String(), Serdes.String()))
        .groupByKey()
        .windowedBy(
            TimeWindows.ofSizeAndGrace(Duration.ofMillis(WINDOW_MS), Duration.ofMillis(DISORDER_MS))
                .advanceBy(Duration.ofMillis(HOP_MS)))
        .emitStrategy(EmitStrategy.onWindowClose())
        .aggregate(
            Tally::new,
            (key, value, tally) -> {
              tally.count++;
              if (value.charAt(0) == '+') tally.fresh++;
              tally.actors.add(value.substring(1));
              return tally;
            },
            Materialized.<String, Tally>as(
                    Stores.inMemoryWindowStore(
                        "windows", Duration.ofMillis(3 * WINDOW_MS), Duration.ofMillis(WINDOW_MS), false))
                .withKeySerde(Serdes.String())
                .withValueSerde(tallies())
                .withLoggingDisabled()
                .withCachingDisabled())
        .toStream()
        .foreach((window, tally) -> tell(answers, window.key(), window.window().end(), tally));

    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "peer");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:9092");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, Files.createTempDirectory("peer").toString());
    ObjectMapper mapper = new ObjectMapper();
    try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(), settings);
        BufferedReader lines = Files.newBufferedReader(Path.of(arguments[0]))) {
      TestInputTopic<String, String> topic =
          driver.createInputTopic("events", new StringSerializer(), new StringSerializer());
      long latestHop = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode fields = mapper.readTree(line);
        long timeMs = fields.get("occurredAt").longValue();
        // Windows that have closed are told once a second of the driver's own clock, which does not move by itself.
        if (timeMs / HOP_MS > latestHop) driver.advanceWallClockTime(Duration.ofSeconds(2));
        latestHop = Math.max(latestHop, timeMs / HOP_MS);
        JsonNode created = fields.get("actorCreatedAt");
        boolean isFresh = created != null && timeMs - created.longValue() / 1000 * 1000 < FRESH_MS;
        topic.pipeInput(
            fields.get("accountId").textValue() + "\t" + fields.get("kind").textValue(),
            (isFresh ? "+" : "-") + fields.get("actorId").textValue(),
            timeMs);
      }
    }
    answers.close();
  }

  static void tell(PrintWriter answers, String key, long endMs, Tally tally) {
    String rest = key + "\t" + endMs + "\t" + tally.count + "\t" + tally.actors.size() + "\t" + tally.fresh + "\n";
    if (tally.count >= 30 && tally.fresh * 5 > tally.count) answers.print("alert\t" + rest);
    if (endMs % 600_000 == 0) answers.print("sample\t" + rest);
  }

  static Serde<Tally> tallies() {
    return Serdes.serdeFrom(
        (topic, tally) -> {
          try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(16 + 12 * tally.actors.size());
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeInt(tally.count);
            out.writeInt(tally.fresh);
            out.writeInt(tally.actors.size());
            for (String actor : tally.actors) out.writeUTF(actor);
            return bytes.toByteArray();
          } catch (IOException error) {
            throw new UncheckedIOException(error);
          }
        },
        (topic, bytes) -> {
          try {
            if (bytes == null) return null;
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            Tally tally = new Tally();
            tally.count = in.readInt();
            tally.fresh = in.readInt();
            for (int left = in.readInt(); left > 0; left--) tally.actors.add(in.readUTF());
            return tally;
          } catch (IOException error) {
            throw new UncheckedIOException(error);
          }
        });
  }
}
