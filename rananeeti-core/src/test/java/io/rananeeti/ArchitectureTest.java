package io.rananeeti;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.Timer;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.StampedLock;

/** Who may use what. */
@AnalyzeClasses(packages = "io.rananeeti", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

  private static final String SEAM = "io.rananeeti.internal.time..";

  private static final Set<String> CLOCKS =
      Set.of(
          Instant.class.getName(),
          LocalDate.class.getName(),
          LocalDateTime.class.getName(),
          OffsetDateTime.class.getName(),
          ZonedDateTime.class.getName());

  @ArchTest
  static final ArchRule onlyItsOwnPackageKnowsChronicle =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.rananeeti.internal.chronicle..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("net.openhft..");

  @ArchTest
  static final ArchRule theCoreKnowsNoDriver =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.postgresql..", "com.zaxxer..", "software.amazon..");

  @ArchTest
  static final ArchRule timeThreadsAndChanceAreTouchedBehindTheSeamsOnly =
      noClasses().that().resideOutsideOfPackage(SEAM).should().accessTargetWhere(outsideTheSeams());

  @ArchTest
  static final ArchRule locksAndExecutorsStandBehindTheSeamsOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage(SEAM)
          .should()
          .dependOnClassesThat(
              assignableTo(Lock.class)
                  .or(assignableTo(ReadWriteLock.class))
                  .or(assignableTo(StampedLock.class))
                  .or(assignableTo(Condition.class))
                  .or(assignableTo(LockSupport.class))
                  .or(assignableTo(AbstractQueuedSynchronizer.class))
                  .or(assignableTo(Executor.class))
                  .or(assignableTo(Executors.class))
                  .or(assignableTo(CompletableFuture.class))
                  .or(assignableTo(CountDownLatch.class))
                  .or(assignableTo(CyclicBarrier.class))
                  .or(assignableTo(Semaphore.class))
                  .or(assignableTo(Phaser.class))
                  .or(assignableTo(BlockingQueue.class))
                  .or(assignableTo(Timer.class))
                  .or(assignableTo(Clock.class))
                  .or(assignableTo(Random.class))
                  .or(assignableTo(SecureRandom.class))
                  .or(assignableTo(ThreadLocalRandom.class))
                  .or(assignableTo(SplittableRandom.class)));

  @ArchTest
  static final ArchRule internalsAreReachedThroughTheTwoDoorsOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.rananeeti.internal..")
          .and()
          .doNotHaveFullyQualifiedName(DataPlatform.class.getName())
          .and()
          .doNotHaveFullyQualifiedName(DataPlatform.Builder.class.getName())
          .and()
          .doNotHaveFullyQualifiedName(RananeetiDriver.class.getName())
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.rananeeti.internal..");

  private ArchitectureTest() {}

  private static DescribedPredicate<JavaAccess<?>> outsideTheSeams() {
    return describe("are time, threads or chance", access -> touches(access.getTarget()));
  }

  private static boolean touches(AccessTarget target) {
    String owner = target.getOwner().getName();
    String name = target.getName();
    if (owner.equals("java.lang.Thread")) {
      return Set.of("<init>", "sleep", "start", "join", "yield", "onSpinWait", "startVirtualThread")
          .contains(name);
    }
    if (owner.equals("java.lang.System")) {
      return name.equals("nanoTime") || name.equals("currentTimeMillis");
    }
    if (owner.equals("java.lang.Object")) {
      return Set.of("wait", "notify", "notifyAll").contains(name);
    }
    return (CLOCKS.contains(owner) && name.equals("now"))
        || (owner.equals("java.lang.Math") && name.equals("random"))
        || (owner.equals(UUID.class.getName()) && name.equals("randomUUID"));
  }
}
