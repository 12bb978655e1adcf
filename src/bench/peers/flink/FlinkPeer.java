import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * The question of ../question.ts in a local environment, which is Flink's MiniCluster, with state on the heap and
 * without checkpoints: either with Flink's own sliding windows, or with panes kept by hand. Usage: FlinkPeer
 * windows|panes EVENTS ANSWERS
 */
public class FlinkPeer {
  static final long HOP_MS = 10_000, WINDOW_MS = 600_000, DISORDER_MS = 60_000, FRESH_MS = 7L * 86_400_000;
  static PrintWriter answers;

  /** A class of public fields, which Flink writes without Kryo. */
  public static class Event {
    public String key, actor;
    public long timeMs;
    public boolean fresh;
  }

  public static class Tally {
    public int count, fresh;
    public HashSet<String> actors = new HashSet<>();

    Tally add(Event event) {
      count++;
      if (event.fresh) fresh++;
      actors.add(event.actor);
      return this;
    }

    Tally add(Tally other) {
      count += other.count;
      fresh += other.fresh;
      actors.addAll(other.actors);
      return this;
    }
  }

  public static void main(String[] arguments) throws Exception {
    answers = new PrintWriter(arguments[2]);
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1);
    environment.getConfig().enableObjectReuse();
    FileSource<String> lines =
        FileSource.forRecordStreamFormat(new TextLineInputFormat(), new Path(arguments[1])).build();
    KeyedStream<Event, String> events =
        environment
            .fromSource(lines, WatermarkStrategy.noWatermarks(), "lines")
            .map(FlinkPeer::parse)
            .returns(Event.class)
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<Event>forBoundedOutOfOrderness(Duration.ofMillis(DISORDER_MS))
                    .withTimestampAssigner((event, before) -> event.timeMs))
            .keyBy(event -> event.key);
    (arguments[0].equals("panes")
            ? events.process(new Panes())
            : events
                .window(SlidingEventTimeWindows.of(Duration.ofMillis(WINDOW_MS), Duration.ofMillis(HOP_MS)))
                .aggregate(new Count(), new Tell()))
        .sinkTo(new DiscardingSink<>());
    environment.execute();
    answers.close();
  }

  static final ObjectMapper mapper = new ObjectMapper();

  static Event parse(String line) throws Exception {
    JsonNode fields = mapper.readTree(line);
    Event event = new Event();
    event.key = fields.get("accountId").textValue() + "\t" + fields.get("kind").textValue();
    event.actor = fields.get("actorId").textValue();
    event.timeMs = fields.get("occurredAt").longValue();
    JsonNode created = fields.get("actorCreatedAt");
    event.fresh = created != null && event.timeMs - created.longValue() / 1000 * 1000 < FRESH_MS;
    return event;
  }

  static void tell(String key, long endMs, Tally window) {
    String rest = key + "\t" + endMs + "\t" + window.count + "\t" + window.actors.size() + "\t" + window.fresh + "\n";
    if (window.count >= 30 && window.fresh * 5 > window.count) answers.print("alert\t" + rest);
    if (endMs % 600_000 == 0) answers.print("sample\t" + rest);
  }

  static class Count implements AggregateFunction<Event, Tally, Tally> {
    public Tally createAccumulator() {
      return new Tally();
    }

    public Tally add(Event event, Tally tally) {
      return tally.add(event);
    }

    public Tally getResult(Tally tally) {
      return tally;
    }

    public Tally merge(Tally one, Tally other) {
      return one.add(other);
    }
  }

  static class Tell extends ProcessWindowFunction<Tally, String, String, TimeWindow> {
    public void process(String key, Context context, Iterable<Tally> windows, Collector<String> out) {
      tell(key, context.window().getEnd(), windows.iterator().next());
    }
  }

  static class Panes extends KeyedProcessFunction<String, Event, String> {
    private transient MapState<Long, Tally> panes;

    public void open(OpenContext context) {
      panes = getRuntimeContext().getMapState(new MapStateDescriptor<>("panes", Long.class, Tally.class));
    }

    public void processElement(Event event, Context context, Collector<String> out) throws Exception {
      long endMs = (Math.floorDiv(event.timeMs, HOP_MS) + 1) * HOP_MS;
      Tally pane = panes.get(endMs);
      if (pane == null) context.timerService().registerEventTimeTimer(endMs);
      panes.put(endMs, (pane == null ? new Tally() : pane).add(event));
    }

    public void onTimer(long endMs, OnTimerContext context, Collector<String> out) throws Exception {
      Tally window = new Tally();
      panes.remove(endMs - WINDOW_MS);
      for (Map.Entry<Long, Tally> pane : panes.entries()) {
        if (pane.getKey() <= endMs) window.add(pane.getValue());
      }
      if (window.count > 0) {
        tell(context.getCurrentKey(), endMs, window);
        context.timerService().registerEventTimeTimer(endMs + HOP_MS);
      }
    }
  }
}
