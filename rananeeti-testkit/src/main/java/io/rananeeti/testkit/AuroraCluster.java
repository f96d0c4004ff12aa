package io.rananeeti.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives the tests of a class an {@link AuroraEmulator}, as a parameter.
 *
 * <pre>{@code
 * @AuroraCluster(regions = {"us-east-1", "eu-west-1"})
 * class OrdersOutliveTheirRegionIT {
 *
 *   @Test
 *   void noOrderIsLost(AuroraEmulator aurora) {
 *     // the application under test, at aurora.url(aurora.globalEndpoint())
 *     aurora.kill("us-east-1");
 *     aurora.failover("eu-west-1");
 *   }
 * }
 * }</pre>
 *
 * <p>Each test has a cluster of its own, which methods that run before and after it are given, too,
 * and which ends with it; a {@link #shared()} one is that of the class. The JVM's command line must
 * have what {@link AuroraEmulator} says. The tests have the tag {@code emulator}, by which a build
 * can run them with that command line, apart from others.
 */
@Documented
@Inherited
@Tag("emulator")
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(AuroraClusterExtension.class)
public @interface AuroraCluster {

  /** The regions, the writer's first. More than one make a Global Database. */
  String[] regions() default "us-east-1";

  /** How many readers each region has. At least 1 in a Global Database. */
  int readers() default 1;

  /** Whether all tests of the class have the same cluster, as the last one left it. */
  boolean shared() default false;

  /** See {@link AuroraEmulator.Builder#name(String)}. */
  String name() default "app";
}
