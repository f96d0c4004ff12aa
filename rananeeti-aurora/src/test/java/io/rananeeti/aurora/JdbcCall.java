package io.rananeeti.aurora;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One call of a random sequence, with the numbers that its choices are made by: fixed when it is
 * drawn, so that a sequence can be printed, and cut down, without the calls that stay becoming
 * others.
 */
record JdbcCall(JdbcCallKind kind, List<Integer> numbers) {

  private static final int NUMBERS = 8;

  private static final List<JdbcCallKind> WEIGHTED =
      Arrays.stream(JdbcCallKind.values())
          .flatMap(kind -> IntStream.range(0, kind.weight()).mapToObj(i -> kind))
          .toList();

  /** A sequence of calls. */
  static List<JdbcCall> sequence(long seed, int fewest, int most) {
    Random random = new Random(seed);
    int length = fewest + random.nextInt(most - fewest + 1);
    return IntStream.range(0, length)
        .mapToObj(
            i ->
                new JdbcCall(
                    WEIGHTED.get(random.nextInt(WEIGHTED.size())),
                    random.ints(NUMBERS, 0, 1_000_000).boxed().toList()))
        .toList();
  }

  Draws draws() {
    return new Draws(numbers);
  }

  /** As it is drawn. */
  @Override
  public String toString() {
    return kind + numbers.toString();
  }

  /** Choices, one number after another. */
  static final class Draws {

    private final List<Integer> numbers;
    private final StringBuilder texts = new StringBuilder();
    private int used;

    private Draws(List<Integer> numbers) {
      this.numbers = numbers;
    }

    /** Notes a text that was chosen, for whoever reads the sequence. */
    String say(String text) {
      texts.append(" \"").append(text).append('"');
      return text;
    }

    String sayOneOf(String... texts) {
      return say(texts[next(texts.length)]);
    }

    String texts() {
      return texts.toString();
    }

    int next(int bound) {
      return numbers.get(used++ % numbers.size()) % bound;
    }

    boolean yes() {
      return next(2) == 0;
    }

    <T> @Nullable T oneOf(List<T> all) {
      return all.isEmpty() ? null : all.get(next(all.size()));
    }

    @SafeVarargs
    final <T> T of(T... all) {
      return all[next(all.length)];
    }
  }
}
