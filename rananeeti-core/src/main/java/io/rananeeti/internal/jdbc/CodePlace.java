package io.rananeeti.internal.jdbc;

import java.lang.StackWalker.StackFrame;
import java.util.List;

/**
 * Where the application is in its own code: the first few frames of the stack that belong neither
 * to the platform nor to the JDK nor to a framework that stands between an application and JDBC.
 */
final class CodePlace {

  private static final int FRAMES = 3;
  private static final int PACKAGE = "io.rananeeti.".length();
  private static final StackWalker STACK = StackWalker.getInstance();

  private static final List<String> FRAMEWORKS =
      List.of(
          "java.",
          "javax.",
          "jdk.",
          "sun.",
          "com.sun.",
          "jakarta.",
          "org.springframework.",
          "org.hibernate.",
          "org.eclipse.persistence.",
          "org.apache.openjpa.",
          "org.jooq.",
          "org.apache.ibatis.",
          "org.mybatis.",
          "org.jdbi.",
          "com.zaxxer.",
          "org.apache.commons.dbcp2.",
          "org.apache.commons.dbutils.",
          "org.apache.tomcat.",
          "com.mchange.",
          "io.agroal.",
          "org.flywaydb.",
          "liquibase.",
          "org.postgresql.",
          "com.querydsl.",
          "io.micrometer.",
          "io.opentelemetry.",
          "org.aspectj.",
          "net.bytebuddy.",
          "net.sf.cglib.",
          "net.ttddyy.",
          "com.p6spy.",
          "kotlin.",
          "kotlinx.",
          "scala.",
          "groovy.",
          "org.codehaus.groovy.",
          "org.apache.groovy.",
          "org.junit.",
          "org.testng.",
          "org.assertj.",
          "org.mockito.",
          "org.apache.maven.",
          "org.gradle.",
          "com.intellij.");

  private CodePlace() {}

  /** Innermost first; empty if no frame is the application's. */
  static List<String> here() {
    return STACK.walk(
        frames ->
            frames.filter(CodePlace::isOfApplication).limit(FRAMES).map(CodePlace::words).toList());
  }

  private static boolean isOfApplication(StackFrame frame) {
    return isOfApplication(frame.getClassName());
  }

  /** Proxies have the names of what they stand for, and more behind it. */
  static boolean isOfApplication(String name) {
    boolean isOurs =
        name.startsWith("io.rananeeti.internal.")
            || (name.startsWith("io.rananeeti.") && name.indexOf('.', PACKAGE) < 0);
    return !isOurs
        && !name.contains("$$")
        && !name.contains("$Proxy")
        && FRAMEWORKS.stream().noneMatch(name::startsWith);
  }

  private static String words(StackFrame frame) {
    String file = frame.getFileName();
    return "%s.%s(%s:%d)"
        .formatted(
            frame.getClassName(),
            frame.getMethodName(),
            file == null ? "unknown" : file,
            frame.getLineNumber());
  }
}
