package io.rananeeti.examples.frameworks.matrix;

import static io.rananeeti.examples.frameworks.matrix.Deed.OK;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** Sets each framework up over a DataSource, as its documentation says. */
final class Cast implements AutoCloseable {

  static final String JPA_BATCHES = "Spring Data JPA, batches";
  static final String JPA = "Spring Data JPA";

  static final String QUERY = "query";
  static final String IN_TRANSACTION = "two inserts in a transaction";
  static final String AFTER_READING = "an insert after a query, in a transaction";

  /** Rows that updates count in. */
  static final List<String> COUNTERS = List.of("reserved", "amended", "seen", "saved");

  private final List<AnnotationConfigApplicationContext> contexts = new ArrayList<>();

  Actor jdbc(Door door) {
    return actor(door, "JDBC", "jdbc", new JdbcOrders(door.dataSource()));
  }

  Actor jooq(Door door) {
    return actor(door, "jOOQ", "jooq", new JooqOrders(door.dataSource()));
  }

  Actor myBatis(Door door) {
    return actor(door, "MyBatis", "mybatis", new MyBatisOrders(door.dataSource()));
  }

  Actor jdbi(Door door) {
    return actor(door, "Jdbi", "jdbi", new JdbiOrders(door.dataSource()));
  }

  Actor template(Door door) {
    OrderBook book =
        context(door.dataSource(), TemplateOrders.Wiring.class, Map.of()).getBean(OrderBook.class);
    return actor(door, "JdbcTemplate", "template", book);
  }

  Actor jpa(Door door, String name, int batchSize) {
    JpaOrders book =
        context(door.dataSource(), JpaWiring.class, Map.of("batch-size", batchSize))
            .getBean(JpaOrders.class);
    List<Deed> deeds = new ArrayList<>(deeds(book, "insert, AUTO (a sequence)"));
    deeds.add(Deed.insert("insert, id assigned", 1, (notes, between) -> book.bill(notes.get(0))));
    deeds.add(Deed.insert("insert, IDENTITY", 1, (notes, between) -> book.ticket(notes.get(0))));
    deeds.add(
        Deed.update(
            "StatelessSession.update",
            "seen",
            book::see,
            (notes, between) -> book.amendSeen(notes.get(0))));
    deeds.add(
        reading(
            Deed.update(
                "save() of a loaded entity",
                "saved",
                book::see,
                (notes, between) -> book.saveSeen(notes.get(0)))));
    return new Actor(
        door, name, List.of("jpa_orders", "jpa_parcels", "jpa_invoices", "jpa_tickets"), deeds);
  }

  private Actor actor(Door door, String framework, String prefix, OrderBook book) {
    return new Actor(
        door,
        framework,
        List.of(prefix + "_orders", prefix + "_parcels"),
        deeds(book, "insert, key of an identity column"));
  }

  private static List<Deed> deeds(OrderBook book, String keyed) {
    return List.of(
        Deed.insert(keyed, 1, (notes, between) -> book.place(notes.get(0))),
        Deed.insert("insert, UUID", 1, (notes, between) -> book.send(notes.get(0))),
        Deed.insert("batch insert", 5, (notes, between) -> book.placeAll(notes)),
        Deed.update("update", "reserved", null, (counter, between) -> book.reserve(counter.get(0))),
        Deed.update("versioned update", "amended", book::load, (notes, between) -> book.amend()),
        Deed.insert(
            IN_TRANSACTION,
            2,
            (notes, between) -> book.placeBoth(notes.get(0), between, notes.get(1))),
        reading(
            Deed.insert(
                AFTER_READING, 1, (notes, between) -> book.countAndPlace(notes.get(0), between))),
        reading(Deed.query(QUERY, (notes, between) -> book.count("none"))));
  }

  /** Needs an answer of the database. */
  private static Deed reading(Deed deed) {
    return deed.but(Phase.IN_TRANSACTION, "40001")
        .but(Phase.AT_COMMIT, OK, "40001")
        .but(Phase.BETWEEN, OK, "40001", "55R01")
        .but(Phase.DOWN, "55R01");
  }

  private AnnotationConfigApplicationContext context(
      DataSource dataSource, Class<?> wiring, Map<String, Object> properties) {
    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    context
        .getEnvironment()
        .getPropertySources()
        .addFirst(new MapPropertySource("matrix", properties));
    context.registerBean(
        DataSource.class, () -> dataSource, definition -> definition.setDestroyMethodName(""));
    context.register(wiring);
    context.refresh();
    contexts.add(context);
    return context;
  }

  @Override
  public void close() {
    contexts.forEach(AnnotationConfigApplicationContext::close);
  }
}
