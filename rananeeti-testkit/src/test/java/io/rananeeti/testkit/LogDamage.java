package io.rananeeti.testkit;

import io.rananeeti.testkit.LogImage.Content;
import java.util.List;
import java.util.Random;

/** What a disk, or a hand, may do to the files of a log, drawn at random. */
enum LogDamage {
  BITS_FLIPPED {
    @Override
    LogImage of(LogImage image, String file, Random random) {
      Content content = image.get(file);
      byte[] bytes = content.copy(0);
      for (int flips = random.nextInt(3); flips >= 0 && bytes.length > 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
      }
      return image.with(file, content.with(bytes));
    }
  },

  LENGTH_FLIPPED {
    @Override
    LogImage of(LogImage image, String file, Random random) {
      Content content = image.get(file);
      byte[] bytes = content.copy(0);
      List<Integer> frames = LogFrames.in(bytes);
      if (frames.isEmpty()) {
        return BITS_FLIPPED.of(image, file, random);
      }
      int frame = frames.get(random.nextInt(frames.size()));
      int field = frame + (random.nextBoolean() ? LogFrames.LENGTH_AT : LogFrames.HEADER_AT);
      bytes[Math.max(0, field) + random.nextInt(Integer.BYTES)] ^=
          (byte) (1 << random.nextInt(Byte.SIZE));
      return image.with(file, content.with(bytes));
    }
  },

  CUT {
    @Override
    LogImage of(LogImage image, String file, Random random) {
      Content content = image.get(file);
      return content.length() == 0
          ? image
          : image.with(file, content.cutTo(random.nextInt(content.bytes().length + 1)));
    }
  },

  ZEROED {
    @Override
    LogImage of(LogImage image, String file, Random random) {
      return overwrite(image, file, random, new byte[1 + random.nextInt(2 * BLOCK)]);
    }
  },

  OVERWRITTEN {
    @Override
    LogImage of(LogImage image, String file, Random random) {
      byte[] garbage = new byte[1 + random.nextInt(2 * BLOCK)];
      random.nextBytes(garbage);
      return overwrite(image, file, random, garbage);
    }
  },

  BLOCK_MISDIRECTED {
    @Override
    LogImage of(LogImage image, String file, Random random) {
      Content content = image.get(file);
      byte[] bytes = content.copy(0);
      int blocks = bytes.length / BLOCK + 1;
      int from = random.nextInt(blocks) * BLOCK;
      int to = random.nextInt(blocks) * BLOCK;
      int length = Math.min(BLOCK, bytes.length - Math.max(from, to));
      System.arraycopy(bytes, from, bytes, to, length);
      return image.with(file, content.with(bytes));
    }
  },

  DELETED {
    @Override
    LogImage of(LogImage image, String file, Random random) {
      int slash = file.lastIndexOf('/');
      return image.without(slash < 0 || random.nextBoolean() ? file : file.substring(0, slash));
    }
  },

  SWAPPED {
    @Override
    LogImage of(LogImage image, String file, Random random) {
      String other = image.names().get(random.nextInt(image.names().size()));
      return image.with(file, image.get(other)).with(other, image.get(file));
    }
  },

  REPLACED_BY_ANOTHER {
    @Override
    LogImage of(LogImage image, String file, Random random) {
      String other = image.names().get(random.nextInt(image.names().size()));
      return image.with(file, image.get(other));
    }
  },

  DUPLICATED {
    @Override
    LogImage of(LogImage image, String file, Random random) {
      String number = "segment-%010d".formatted(1 + random.nextInt(9));
      return image.with(file.replaceFirst("segment-\\d{10}", number), image.get(file));
    }
  };

  static final int BLOCK = 4096;

  /** The image with this damage done to this file. */
  abstract LogImage of(LogImage image, String file, Random random);

  private static LogImage overwrite(LogImage image, String file, Random random, byte[] with) {
    Content content = image.get(file);
    int at = random.nextInt(content.bytes().length + 1);
    byte[] bytes = content.copy(0);
    System.arraycopy(with, 0, bytes, at, Math.min(with.length, bytes.length - at));
    return image.with(file, content.with(bytes));
  }
}
