package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.VolatileFunctions;
import io.rananeeti.testkit.SimulatedDisk;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two tenants behind row-level security, by a setting and by a role: what was accepted for one is
 * applied as that one, whatever was accepted before it, and whoever applies it.
 */
@SuppressWarnings("NullAway") // opened for each test
@Tag(DropInFixture.OUTAGE)
class TenancyIT extends DropInFixture {

  private static final long SEED = Long.getLong("rananeeti.seed", 20_261_126);
  private static final int TRANSACTIONS = Boolean.getBoolean("rananeeti.test.full") ? 2_000 : 200;
  private static final List<String> TENANTS = List.of("tenant_a", "tenant_b");

  private final SimulatedDisk tenantsDisk = new SimulatedDisk();
  private DataPlatform tenants;

  /** How an application says whose work it does. */
  private enum Way {
    SET,
    SET_LOCAL,
    SET_CONFIG,
    SET_CONFIG_LOCAL,
    ROLE,
    ROLE_LOCAL;

    boolean isRole() {
      return this == ROLE || this == ROLE_LOCAL;
    }

    void say(Connection connection, String tenant) throws SQLException {
      switch (this) {
        case SET -> run(connection, "SET app.tenant = '" + tenant + "'");
        case SET_LOCAL -> run(connection, "SET LOCAL app.tenant = '" + tenant + "'");
        case SET_CONFIG ->
            configure(connection, "SELECT set_config('app.tenant', ?, false)", tenant);
        case SET_CONFIG_LOCAL ->
            configure(connection, "SELECT set_config('app.tenant', ?, true)", tenant);
        case ROLE -> run(connection, "SET ROLE " + tenant);
        case ROLE_LOCAL -> run(connection, "SET LOCAL ROLE " + tenant);
      }
    }

    private static void configure(Connection connection, String sql, String tenant)
        throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setString(1, tenant);
        try (ResultSet row = statement.executeQuery()) {
          assertThat(row.next()).isTrue();
          assertThat(row.getString("set_config")).isEqualTo(tenant);
        }
      }
    }
  }

  @BeforeEach
  void makeTenants() throws Exception {
    server.execute(
        "DO $$ DECLARE r text; BEGIN"
            + " FOREACH r IN ARRAY ARRAY['tenant_a', 'tenant_b', 'app', 'successor'] LOOP"
            + " IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN"
            + " EXECUTE 'CREATE ROLE ' || r || ' LOGIN PASSWORD ''"
            + server.password()
            + "''';"
            + " END IF; END LOOP; END $$",
        "GRANT tenant_a, tenant_b TO app",
        "REVOKE app FROM successor",
        "GRANT ALL ON SCHEMA rananeeti TO app, successor, tenant_b",
        "GRANT ALL ON ALL TABLES IN SCHEMA rananeeti TO app, successor, tenant_b",
        "GRANT CREATE ON DATABASE " + database() + " TO app, successor",
        "GRANT USAGE ON SCHEMA other TO PUBLIC",
        "CREATE TABLE other.by_setting (id int PRIMARY KEY, tenant text NOT NULL,"
            + " applied_as text DEFAULT current_setting('app.tenant', true), role text DEFAULT current_user)",
        "CREATE TABLE other.by_role (id int PRIMARY KEY, tenant text NOT NULL,"
            + " applied_as text DEFAULT current_user, setting text DEFAULT current_setting('app.tenant', true))",
        "ALTER TABLE other.by_setting ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE other.by_role ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY own ON other.by_setting USING (tenant = current_setting('app.tenant', true))",
        "CREATE POLICY own ON other.by_role USING (tenant = current_user)",
        "GRANT ALL ON other.by_setting, other.by_role TO PUBLIC");
    tenants = openAs("app", "");
  }

  @AfterEach
  void closeTenants() throws SQLException {
    tenants.close();
    if (!server.isRunning()) {
      server.start();
    }
  }

  private static String database() {
    String url = server.url();
    return url.substring(url.lastIndexOf('/') + 1).replaceAll("\\?.*", "");
  }

  private String property(String one) {
    return (proxy.url().contains("?") ? "&" : "?") + one;
  }

  private DataPlatform openAs(String user, String more) {
    return openAs(user, more, VolatileFunctions.REFUSE);
  }

  private DataPlatform openAs(String user, String more, VolatileFunctions volatileFunctions) {
    return DataPlatform.builder("tenants")
        .store(
            AuroraStore.builder("orders")
                .url(proxy.url() + more)
                .user(user)
                .password(server.password())
                .poolSize(3)
                .build())
        .log(directory.resolve("tenants"))
        .logStorage(tenantsDisk)
        .outageBudget(outageBudget())
        .probeInterval(Duration.ofMillis(200))
        .volatileFunctions(volatileFunctions)
        .open();
  }

  private void awaitTenants(Availability wanted) {
    await(
        "the tenants' store is " + wanted,
        () -> tenants.health().stores().get("orders").availability() == wanted);
  }

  private void goDown() {
    awaitTenants(Availability.UP);
    server.kill();
    awaitTenants(Availability.DOWN);
  }

  private void comeBack() throws InterruptedException {
    server.start();
    assertThat(tenants.drain(STALL)).as(tenants.health().toString()).isTrue();
    awaitTenants(Availability.UP);
  }

  private Connection connection() throws SQLException {
    Connection connection = tenants.getConnection("orders");
    connection.setAutoCommit(false);
    return connection;
  }

  @Test
  void whatWasAcceptedForOneTenantIsNeverAppliedAsTheOther() throws Exception {
    Random random = new Random(SEED);
    List<String> accepted = new ArrayList<>();
    try (Connection lasting = connection()) {
      for (int id = 0; id < TRANSACTIONS; id++) {
        if (id == TRANSACTIONS / 4) {
          goDown();
        } else if (id == TRANSACTIONS * 3 / 4) {
          comeBack();
        }
        Way way = Way.values()[random.nextInt(Way.values().length)];
        String tenant = TENANTS.get(random.nextInt(2));
        boolean isLasting = random.nextInt(3) == 0;
        Connection connection = isLasting ? lasting : connection();
        work(connection, way, tenant, id, random);
        accepted.add("%s %d %s %2$s".formatted(way.isRole() ? "role" : "setting", id, tenant));
        if (!isLasting) {
          connection.close();
        }
      }
    }
    assertThat(tenants.drain(STALL)).isTrue();

    assertThat(tenants.deadLetters().list()).isEmpty();
    try (Connection superuser = server.connect()) {
      assertThat(
              read(
                  superuser,
                  "SELECT 'setting ' || id || ' ' || tenant || ' ' || id FROM other.by_setting"
                      + " WHERE tenant = applied_as AND role = 'app'"
                      + " UNION ALL SELECT 'role ' || id || ' ' || tenant || ' ' || id FROM other.by_role"
                      + " WHERE tenant = applied_as AND coalesce(setting, '') = ''"))
          .as("seed " + SEED)
          .containsExactlyInAnyOrderElementsOf(accepted);
    }
  }

  /** Whatever an earlier transaction of the connection has left is set back first. */
  private static void work(Connection connection, Way way, String tenant, int id, Random random)
      throws SQLException {
    run(connection, "RESET ROLE");
    run(connection, "RESET app.tenant");
    if (random.nextBoolean()) {
      connection.setClientInfo("rananeeti.ordering-key", tenant + random.nextInt(4));
    }
    way.say(connection, tenant);
    String table = way.isRole() ? "other.by_role" : "other.by_setting";
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO " + table + " (id, tenant) VALUES (?, ?)")) {
      insert.setInt(1, id);
      insert.setString(2, tenant);
      assertThat(insert.executeUpdate()).isEqualTo(1);
    }
    connection.commit();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void whatATenantMayNotWriteIsADeadLetterAndNothingElseIs(Way way) throws Exception {
    goDown();
    String table = way.isRole() ? "other.by_role" : "other.by_setting";
    try (Connection connection = connection()) {
      way.say(connection, "tenant_a");
      run(connection, "INSERT INTO " + table + " (id, tenant) VALUES (1, 'tenant_a')");
      connection.commit();
      way.say(connection, "tenant_a");
      run(connection, "INSERT INTO " + table + " (id, tenant) VALUES (2, 'tenant_b')");
      connection.commit();
      run(connection, "RESET ROLE");
      way.say(connection, "tenant_b");
      run(connection, "INSERT INTO " + table + " (id, tenant) VALUES (3, 'tenant_b')");
      connection.commit();
    }

    comeBack();

    assertThat(tenants.deadLetters().list())
        .extracting(DeadLetter::sqlState)
        .containsExactly("42501");
    try (Connection superuser = server.connect()) {
      assertThat(read(superuser, "SELECT id FROM " + table + " ORDER BY id"))
          .containsExactly("1", "3");
    }
  }

  @Test
  void manyRowsOfAnotherTenantAreNotABrokenEnvironment() throws Exception {
    goDown();
    try (Connection connection = connection()) {
      for (int id = 1; id <= 6; id++) {
        Way.SET.say(connection, "tenant_a");
        run(
            connection,
            "INSERT INTO other.by_setting (id, tenant) VALUES (%d, '%s')"
                .formatted(id, id == 6 ? "tenant_a" : "tenant_b"));
        connection.commit();
      }
    }

    comeBack();

    assertThat(tenants.deadLetters().list()).hasSize(5);
    try (Connection superuser = server.connect()) {
      assertThat(read(superuser, "SELECT id FROM other.by_setting")).containsExactly("6");
    }
  }

  @Test
  void whoeverAppliesItLaterDoesSoAsTheUserWhoseItWas() throws Exception {
    goDown();
    try (Connection connection = connection()) {
      Way.SET.say(connection, "tenant_a");
      run(connection, "INSERT INTO other.by_setting (id, tenant) VALUES (1, 'tenant_a')");
      connection.commit();
    }
    tenants.close();
    tenants = openAs("successor", "");
    server.start();
    await(
        "an alarm says so",
        () ->
            tenants.health().stores().get("orders").alarms().stream()
                .anyMatch(alarm -> alarm.contains("55R06") && alarm.contains("\"app\"")));
    assertThat(tenants.health().stores().get("orders").backlog()).isEqualTo(1);

    server.execute("GRANT app TO successor");

    assertThat(tenants.drain(STALL)).isTrue();
    try (Connection superuser = server.connect()) {
      assertThat(read(superuser, "SELECT applied_as || ' ' || role FROM other.by_setting"))
          .containsExactly("tenant_a app");
    }
  }

  @Test
  void aTenantInTheUrlOfOneStartIsNotThatOfTheNext() throws Exception {
    tenants.close();
    tenants = openAs("app", property("options=-c%20app.tenant=tenant_a"));
    goDown();
    try (Connection connection = connection()) {
      run(connection, "INSERT INTO other.by_setting (id, tenant) VALUES (1, 'tenant_a')");
      connection.commit();
    }
    tenants.close();
    tenants = openAs("app", property("options=-c%20app.tenant=tenant_b"));
    try (Connection connection = connection()) {
      run(connection, "INSERT INTO other.by_setting (id, tenant) VALUES (2, 'tenant_b')");
      connection.commit();
    }

    comeBack();

    assertThat(tenants.deadLetters().list()).isEmpty();
    try (Connection superuser = server.connect()) {
      assertThat(read(superuser, "SELECT id || applied_as FROM other.by_setting ORDER BY id"))
          .containsExactly("1tenant_a", "2tenant_b");
    }
  }

  @Test
  void aRoleInTheUrlOfTheNextStartIsNotThatOfWhatWaits() throws Exception {
    goDown();
    try (Connection connection = connection()) {
      run(connection, "INSERT INTO other.by_role (id, tenant) VALUES (1, 'app')");
      connection.commit();
    }
    tenants.close();
    tenants = openAs("app", property("options=-c%20role=tenant_b%20-c%20app.tenant=tenant_b"));

    comeBack();

    assertThat(tenants.deadLetters().list()).isEmpty();
    try (Connection superuser = server.connect()) {
      assertThat(read(superuser, "SELECT applied_as || coalesce(setting, '') FROM other.by_role"))
          .containsExactly("app");
    }
  }

  @Test
  void aRestartWithAnotherSchemaOrTimeZoneChangesNothingOfWhatWaits() throws Exception {
    server.execute(
        "CREATE SCHEMA IF NOT EXISTS one",
        "CREATE SCHEMA IF NOT EXISTS two",
        "DROP TABLE IF EXISTS one.notes, two.notes",
        "CREATE TABLE one.notes (at timestamptz)",
        "CREATE TABLE two.notes (at timestamptz)",
        "GRANT USAGE ON SCHEMA one, two TO PUBLIC",
        "GRANT ALL ON one.notes, two.notes TO PUBLIC");
    TimeZone before = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kathmandu"));
      tenants.close();
      tenants = openAs("app", property("currentSchema=one"));
      goDown();
      try (Connection connection = connection()) {
        run(connection, "INSERT INTO notes VALUES ('2026-06-01 12:00')");
        connection.commit();
      }
      tenants.close();
      TimeZone.setDefault(TimeZone.getTimeZone("America/Lima"));
      tenants = openAs("app", property("currentSchema=two"));
      try (Connection connection = connection()) {
        run(connection, "INSERT INTO notes VALUES ('2026-06-01 12:00')");
        connection.commit();
      }

      comeBack();
    } finally {
      TimeZone.setDefault(before);
    }
    try (Connection superuser = server.connect()) {
      assertThat(
              read(
                  superuser,
                  "SELECT 'one ' || (at AT TIME ZONE 'UTC') FROM one.notes"
                      + " UNION ALL SELECT 'two ' || (at AT TIME ZONE 'UTC') FROM two.notes ORDER BY 1"))
          .containsExactly("one 2026-06-01 06:15:00", "two 2026-06-01 17:00:00");
    }
  }

  @Test
  void functionsRunWhenAppliedIfThatIsSaidAndFindTheTimeOfAcceptance() throws Exception {
    tenants.close();
    tenants = openAs("app", "", VolatileFunctions.APPLY_TIME);
    server.execute(
        "CREATE TABLE other.log (id int, at timestamptz, who text,"
            + " accepted timestamptz DEFAULT coalesce("
            + "nullif(current_setting('rananeeti.accepted_at', true), '')::timestamptz, now()))",
        "GRANT ALL ON other.log TO PUBLIC");
    goDown();
    String backAt;
    try (Connection connection = connection()) {
      run(connection, "INSERT INTO other.log (id, at, who) VALUES (1, now(), CURRENT_USER)");
      assertState(
          "55R01", () -> run(connection, "INSERT INTO other.log (id) VALUES (2) RETURNING now()"));
      connection.rollback();
      run(connection, "INSERT INTO other.log (id, at, who) VALUES (1, now(), CURRENT_USER)");
      connection.commit();
    }
    server.start();
    try (Connection superuser = server.connect()) {
      backAt = read(superuser, "SELECT pg_postmaster_start_time()::text").get(0);
    }

    comeBack();

    try (Connection superuser = server.connect()) {
      assertThat(
              read(
                  superuser,
                  "SELECT id || who || (at > '%1$s') || (accepted < '%1$s') FROM other.log"
                      .formatted(backAt)))
          .containsExactly("1apptruetrue");
    }
  }

  @Test
  void whatSetConfigAnswersIsAnsweredHereOnlyWhereItIsWhatItWasGiven() throws Exception {
    goDown();
    try (Connection connection = connection()) {
      assertThat(read(connection, "SELECT set_config('search_path', 'other', true)"))
          .containsExactly("other");
      assertState(
          "55R01", () -> read(connection, "SELECT set_config('work_mem', '65536kB', true)"));
      connection.rollback();
      try (PreparedStatement unset =
          connection.prepareStatement("SELECT set_config('app.tenant', ?, true)")) {
        assertState("22023", unset::executeQuery);
        connection.rollback();
        unset.setString(1, null);
        assertState("55R01", unset::executeQuery);
        connection.rollback();
      }
    }
  }
}
