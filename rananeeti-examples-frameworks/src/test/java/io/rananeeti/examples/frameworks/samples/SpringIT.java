package io.rananeeti.examples.frameworks.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.PlatformListener;
import io.rananeeti.testkit.Fault;
import io.rananeeti.testkit.Message;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What Spring makes of the platform's answers. */
@SuppressWarnings("NullAway") // all is opened for each test
class SpringIT {

  @TempDir private Path directory;
  private Site site;
  private AnnotationConfigApplicationContext context;
  private Transfers transfers;

  @BeforeEach
  void open() throws SQLException {
    site = new Site(directory, new PlatformListener() {});
    site.server()
        .execute("CREATE TABLE account (balance int NOT NULL)", "INSERT INTO account VALUES (100)");
    context = new AnnotationConfigApplicationContext();
    context.registerBean(
        DataSource.class, site::dataSource, definition -> definition.setDestroyMethodName(""));
    context.register(Transfers.Wiring.class);
    context.refresh();
    transfers = context.getBean(Transfers.class);
  }

  @AfterEach
  void close() {
    context.close();
    site.close();
  }

  @Test
  void aTransactionThatHasReadIsRunAgainBySpring() throws Exception {
    Fault fault =
        site.proxy().on(Message.commit()).since(Message.running("UPDATE account")).cutBefore();

    transfers.take(30);

    assertThat(fault.triggered()).isEqualTo(1);
    assertThat(transfers.runs()).isEqualTo(2);
    assertThat(site.ask("SELECT balance FROM account")).isEqualTo("70");
  }

  @Test
  void anAcceptedCommitIsACommitForWhatFollowsIt() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    TransactionTemplate template =
        new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
    site.outage();

    template.executeWithoutResult(
        status -> {
          transfers.add(5);
          TransactionSynchronizationManager.registerSynchronization(
              new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                  told.add("after commit");
                }
              });
        });

    assertThat(told).containsExactly("after commit");
    assertThatThrownBy(transfers::balance).isInstanceOf(TransientDataAccessResourceException.class);
    site.recover();
    assertThat(transfers.balance()).isEqualTo(105);
  }

  @Test
  void eachSqlStateIsAnExceptionOfSpring() {
    assertTranslated(
        new SQLTransientConnectionException("", "55R01"),
        TransientDataAccessResourceException.class);
    assertTranslated(
        new SQLTransientException("", "53100"), DataAccessResourceFailureException.class);
    assertTranslated(
        new SQLTransactionRollbackException("", "40001"), CannotAcquireLockException.class);
    assertTranslated(
        new java.sql.SQLNonTransientConnectionException("", "08007"),
        DataAccessResourceFailureException.class);
  }

  private static void assertTranslated(SQLException thrown, Class<?> expected) {
    assertThat(new SQLExceptionSubclassTranslator().translate("test", null, thrown))
        .isExactlyInstanceOf(expected);
  }
}
