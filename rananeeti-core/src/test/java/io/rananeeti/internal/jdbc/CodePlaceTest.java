package io.rananeeti.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CodePlaceTest {

  CodePlaceTest() {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "com.acme.Shop",
        "com.acme.Shop$Orders",
        "io.rananeeti.examples.cafe.Orders",
        "io.rananeeti.aurora.AuditIT",
        "org.jooqish.Dao",
        "Unnamed"
      })
  void whatIsNobodyElsesIsTheApplications(String name) {
    assertThat(CodePlace.isOfApplication(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.rananeeti.DataPlatform",
        "io.rananeeti.DataPlatform$Builder",
        "io.rananeeti.internal.jdbc.Execution",
        "java.lang.reflect.Method",
        "jdk.proxy2.$Proxy12",
        "com.acme.Shop$$SpringCGLIB$$0",
        "com.acme.Shop$HibernateProxy$$x",
        "org.springframework.jdbc.core.JdbcTemplate",
        "org.hibernate.internal.SessionImpl",
        "org.jooq.impl.AbstractQuery",
        "org.apache.ibatis.executor.SimpleExecutor",
        "com.zaxxer.hikari.pool.ProxyStatement",
        "org.junit.platform.engine.Engine"
      })
  void whatStandsBetweenIsPassedOver(String name) {
    assertThat(CodePlace.isOfApplication(name)).isFalse();
  }
}
