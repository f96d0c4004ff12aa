package io.rananeeti.internal.chronicle;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Method;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forces a file in a thread that may be interrupted.
 *
 * <p>An interrupt closes the channel under a plain {@code FileChannel.force}, and hides whether the
 * force failed. The JDK's own channel can be told not to, by a method of the package that is
 * exported for Chronicle anyway. Where that method is missing, the file descriptor is synced
 * instead, which no interrupt can stop either but which writes the time of the last change as well.
 */
final class SteadyForce {

  private static final Logger LOG = LoggerFactory.getLogger(SteadyForce.class);
  private static final @Nullable Method SET_UNINTERRUPTIBLE = find();

  private SteadyForce() {}

  static void force(RandomAccessFile file) throws IOException {
    FileChannel channel = file.getChannel();
    if (makeSteady(channel)) {
      channel.force(false);
    } else {
      file.getFD().sync();
    }
  }

  private static boolean makeSteady(FileChannel channel) {
    Method method = SET_UNINTERRUPTIBLE;
    if (method == null) {
      return false;
    }
    try {
      method.invoke(channel);
      return true;
    } catch (ReflectiveOperationException refused) {
      return false;
    }
  }

  private static @Nullable Method find() {
    try {
      return Class.forName("sun.nio.ch.FileChannelImpl").getMethod("setUninterruptible");
    } catch (ReflectiveOperationException missing) {
      LOG.info("channels of this JVM can't be made uninterruptible, forces are a little slower");
      return null;
    }
  }
}
