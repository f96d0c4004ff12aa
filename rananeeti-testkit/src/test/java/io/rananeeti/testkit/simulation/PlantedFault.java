package io.rananeeti.testkit.simulation;

/**
 * A bug that is planted, to see that it is found: one text of a source file replaced by another.
 *
 * @param name unique
 * @param rule of the protocol, or the guarantee, that it breaks
 * @param seed the first that was seen to find it: where the hunt begins
 * @param source the file that is changed, below {@code io/rananeeti} and without its ending
 * @param text what it says now, exactly once
 * @param replacement what it says with the fault in it
 */
record PlantedFault(
    String name, String rule, long seed, String source, String text, String replacement) {

  @Override
  public String toString() {
    return name + " (" + rule + ")";
  }
}
