import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Aggregator;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/**
 * The question of ../question.ts with hopping windows that are told when they close, in two ways:
 *
 * <p>`driver EVENTS ANSWERS`: the TopologyTestDriver runs it in this process without a broker, in a store in memory. Records go
 * through their serialisers, but over no network, come keyed by account and kind, and hold no more than is asked about.
 *
 * <p>`broker BROKERS TOPIC EVENTS ANSWERS STATE-FOLDER`: an application that reads a topic of JSON, keyed by account and kind and
 * dated by event time, with the store, the cache and all other settings as they come, but without a changelog.
 */
public class KafkaStreamsPeer {
  static final long HOP_MS = 10_000, WINDOW_MS = 600_000, DISORDER_MS = 60_000, FRESH_MS = 7L * 86_400_000;

  /** Written by the one thread that reads. */
  static volatile long latestMs;

  static class Tally {
    int count, fresh;
    Set<String> actors = new HashSet<>();
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static class Event {
    public String actorId;
    public long occurredAt, actorCreatedAt;

    boolean isFresh() {
      return actorCreatedAt != 0 && occurredAt - actorCreatedAt / 1000 * 1000 < FRESH_MS;
    }
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("driver")) runInDriver(arguments[1], arguments[2]);
    else runOnBroker(arguments[1], arguments[2], Long.parseLong(arguments[3]), arguments[4], arguments[5]);
  }

  static void runOnBroker(String brokers, String topic, long events, String answersFile, String stateFolder)
      throws Exception {
    ObjectReader reader = new ObjectMapper().readerFor(Event.class);
    Serde<Event> serde =
        Serdes.serdeFrom(
            (name, event) -> {
              throw new UnsupportedOperationException("events are only read");
            },
            (name, bytes) -> {
              try {
                return reader.readValue(bytes);
              } catch (IOException error) {
                throw new UncheckedIOException(error);
              }
            });
    // Windows that have closed are told when a record comes, at most once a second: whoever closes the last ones comes later.
    String closer = UUID.randomUUID().toString();
    CountDownLatch seen = new CountDownLatch((int) events), closed = new CountDownLatch(2);
    try (PrintWriter answers = new PrintWriter(answersFile)) {
      StreamsBuilder builder = new StreamsBuilder();
      countWindows(
          builder.stream(topic, Consumed.with(Serdes.String(), serde))
              .peek(
                  (key, event) -> {
                    latestMs = Math.max(latestMs, event.occurredAt);
                    seen.countDown();
                    if (event.actorId.equals(closer)) closed.countDown();
                  })
              .groupByKey(),
          (key, event, tally) -> {
            tally.count++;
            if (event.isFresh()) tally.fresh++;
            tally.actors.add(event.actorId);
            return tally;
          },
          Materialized.<String, Tally, WindowStore<Bytes, byte[]>>as("windows"),
          answers);
      Properties settings = new Properties();
      settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "peer-" + closer);
      settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
      settings.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder);
      settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
      try (KafkaStreams streams = new KafkaStreams(builder.build(), settings);
          KafkaProducer<byte[], byte[]> producer =
              new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
        streams.setUncaughtExceptionHandler(
            error -> {
              error.printStackTrace();
              System.exit(1);
              return null;
            });
        streams.start();
        seen.await();
        // The second of them says that the first one has gone through.
        while (closed.getCount() > 0) {
          Thread.sleep(1_200);
          long timeMs = latestMs;
          String event = "{\"actorId\":\"" + closer + "\",\"occurredAt\":" + timeMs + "}";
          byte[] value = event.getBytes(StandardCharsets.UTF_8);
          producer.send(new ProducerRecord<>(topic, 0, timeMs, "closing\tclick".getBytes(StandardCharsets.UTF_8), value)).get();
        }
      }
    }
  }

  static void runInDriver(String eventsFile, String answersFile) throws IOException {
    PrintWriter answers = new PrintWriter(answersFile);
    StreamsBuilder builder = new StreamsBuilder();
    countWindows(
        builder.stream("events", Consumed.with(Serdes.String(), Serdes.String())).groupByKey(),
        (key, value, tally) -> {
          tally.count++;
          if (value.charAt(0) == '+') tally.fresh++;
          tally.actors.add(value.substring(1));
          return tally;
        },
        Materialized.<String, Tally>as(
                Stores.inMemoryWindowStore(
                    "windows", Duration.ofMillis(3 * WINDOW_MS), Duration.ofMillis(WINDOW_MS), false))
            .withCachingDisabled(),
        answers);
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "peer");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:9092");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, Files.createTempDirectory("peer").toString());
    ObjectMapper mapper = new ObjectMapper();
    try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(), settings);
        BufferedReader lines = Files.newBufferedReader(Path.of(eventsFile))) {
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

  static <V> void countWindows(
      KGroupedStream<String, V> events,
      Aggregator<String, V, Tally> add,
      Materialized<String, Tally, WindowStore<Bytes, byte[]>> store,
      PrintWriter answers) {
    events
        .windowedBy(
            TimeWindows.ofSizeAndGrace(Duration.ofMillis(WINDOW_MS), Duration.ofMillis(DISORDER_MS))
                .advanceBy(Duration.ofMillis(HOP_MS)))
        .emitStrategy(EmitStrategy.onWindowClose())
        .aggregate(
            Tally::new,
            add,
            store.withKeySerde(Serdes.String()).withValueSerde(tallies()).withLoggingDisabled())
        .toStream()
        .foreach((window, tally) -> tell(answers, window.key(), window.window().end(), tally));
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
