package io.rananeeti.examples.frameworks.matrix;

import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.apache.ibatis.mapping.Environment;
import org.apache.ibatis.session.Configuration;
import org.apache.ibatis.session.ExecutorType;
import org.apache.ibatis.session.SqlSession;
import org.apache.ibatis.session.SqlSessionFactory;
import org.apache.ibatis.session.SqlSessionFactoryBuilder;
import org.apache.ibatis.transaction.jdbc.JdbcTransactionFactory;
import org.jspecify.annotations.Nullable;

/** MyBatis. */
final class MyBatisOrders implements OrderBook {

  private final SqlSessionFactory sessions;
  private @Nullable MyBatisOrder loaded;

  MyBatisOrders(DataSource dataSource) {
    Configuration configuration =
        new Configuration(new Environment("shop", new JdbcTransactionFactory(), dataSource));
    configuration.addMapper(OrderMapper.class);
    sessions = new SqlSessionFactoryBuilder().build(configuration);
  }

  @Override
  public long place(String note) {
    MyBatisOrder order = new MyBatisOrder(note);
    use(ExecutorType.SIMPLE, mapper -> mapper.insert(order));
    return order.getId();
  }

  @Override
  public void send(String note) {
    use(ExecutorType.SIMPLE, mapper -> mapper.insertParcel(UUID.randomUUID(), note));
  }

  // tag::mybatis-batch
  @Override
  public void placeAll(List<String> notes) {
    try (SqlSession session = sessions.openSession(ExecutorType.BATCH)) {
      OrderMapper mapper = session.getMapper(OrderMapper.class);
      notes.forEach(mapper::insertNote);
      session.commit();
    }
  }

  // end::mybatis-batch

  @Override
  public void reserve(String note) {
    use(ExecutorType.SIMPLE, mapper -> expectOne(mapper.reserve(note)));
  }

  @Override
  public void load(String note) {
    use(ExecutorType.SIMPLE, mapper -> loaded = mapper.find(note));
  }

  @Override
  public void amend() {
    MyBatisOrder order = Objects.requireNonNull(loaded);
    MyBatisOrder amended = new MyBatisOrder(order.getNote());
    amended.setId(order.getId());
    amended.setQuantity(order.getQuantity() + 1);
    amended.setVersion(order.getVersion());
    use(ExecutorType.SIMPLE, mapper -> expectOne(mapper.update(amended)));
    amended.setVersion(order.getVersion() + 1);
    loaded = amended;
  }

  @Override
  public void placeBoth(String first, Runnable between, String second) {
    use(
        ExecutorType.SIMPLE,
        mapper -> {
          mapper.insertNote(first);
          between.run();
          mapper.insertNote(second);
        });
  }

  @Override
  public void countAndPlace(String note, Runnable between) {
    use(
        ExecutorType.SIMPLE,
        mapper -> {
          mapper.count(note);
          between.run();
          mapper.insertNote(note);
        });
  }

  @Override
  public long count(String note) {
    try (SqlSession session = sessions.openSession()) {
      return session.getMapper(OrderMapper.class).count(note);
    }
  }

  private void use(ExecutorType type, Consumer<OrderMapper> work) {
    try (SqlSession session = sessions.openSession(type)) {
      work.accept(session.getMapper(OrderMapper.class));
      session.commit();
    }
  }

  private static void expectOne(int count) {
    if (count != 1) {
      throw new IllegalStateException("changed by somebody else, rows=" + count);
    }
  }
}
