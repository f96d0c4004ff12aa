package io.rananeeti.testkit;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Starts the cluster of an {@link AuroraCluster} when a test first asks for it, and ends it. */
final class AuroraClusterExtension
    implements ParameterResolver, AfterEachCallback, AfterAllCallback {

  private static final Namespace NAMESPACE = Namespace.create(AuroraClusterExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == AuroraEmulator.class;
  }

  @Override
  public AuroraEmulator resolveParameter(ParameterContext parameter, ExtensionContext context) {
    AuroraCluster wanted = wanted(context);
    if (wanted.shared()) {
      return start(wanted, ofClass(context));
    }
    if (context.getTestMethod().isEmpty()) {
      throw new ExtensionConfigurationException(
          "each test has a cluster of its own: take it as a parameter of a test, or of a method before each, or say shared = true");
    }
    return start(wanted, context);
  }

  private static AuroraCluster wanted(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(context.getRequiredTestClass(), AuroraCluster.class)
        .orElseThrow(() -> new ExtensionConfigurationException("@AuroraCluster is missing"));
  }

  private static ExtensionContext ofClass(ExtensionContext context) {
    return context.getTestMethod().isEmpty()
        ? context
        : context.getParent().map(AuroraClusterExtension::ofClass).orElse(context);
  }

  private static AuroraEmulator start(AuroraCluster wanted, ExtensionContext context) {
    ExtensionContext.Store store = context.getStore(NAMESPACE);
    AuroraEmulator running = store.get(AuroraEmulator.class, AuroraEmulator.class);
    if (running == null) {
      running = builder(wanted).name(wanted.name()).start();
      store.put(AuroraEmulator.class, running);
    }
    return running;
  }

  private static AuroraEmulator.Builder builder(AuroraCluster wanted) {
    List<String> regions = List.of(wanted.regions());
    if (regions.size() == 1) {
      return AuroraEmulator.cluster(regions.get(0), 1 + wanted.readers());
    }
    AuroraEmulator.Builder builder = AuroraEmulator.global();
    for (String region : regions) {
      builder.region(
          region, region.equals(regions.get(0)) ? 1 + wanted.readers() : wanted.readers());
    }
    return builder;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    close(context);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close(context);
  }

  /** Closes what was started for that very test or class. */
  private static void close(ExtensionContext context) {
    AuroraEmulator running =
        context.getStore(NAMESPACE).remove(AuroraEmulator.class, AuroraEmulator.class);
    if (running != null) {
      running.close();
    }
  }
}
