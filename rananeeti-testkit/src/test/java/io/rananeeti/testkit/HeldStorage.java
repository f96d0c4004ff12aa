package io.rananeeti.testkit;

import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/** A storage whose force can be held, and whose appends can be made to fail. */
final class HeldStorage {

  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch letGo = new CountDownLatch(1);
  private volatile boolean holds;
  private volatile boolean fails;
  private volatile boolean forcing;
  private volatile boolean closedUnderAForce;

  LogStorage over(LogStorage storage) {
    return (LogStorage)
        Proxy.newProxyInstance(
            LogStorage.class.getClassLoader(),
            new Class<?>[] {LogStorage.class},
            (proxy, method, arguments) -> {
              before(method.getName());
              try {
                return method.invoke(storage, arguments);
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            });
  }

  /** The next force is held. */
  void hold() {
    holds = true;
  }

  void awaitForce() throws InterruptedException {
    reached.await();
  }

  void failAppends() {
    fails = true;
  }

  void letGo() {
    letGo.countDown();
  }

  boolean closedUnderAForce() {
    return closedUnderAForce;
  }

  private void before(String method) throws IOException, InterruptedException {
    switch (method) {
      case "force" -> {
        if (holds) {
          holds = false;
          forcing = true;
          reached.countDown();
          letGo.await();
          forcing = false;
        }
      }
      case "append" -> {
        if (fails) {
          throw new IOException("told to fail");
        }
      }
      case "close" -> closedUnderAForce |= forcing;
      default -> {}
    }
  }
}
