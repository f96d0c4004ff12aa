package io.rananeeti;

/**
 * What a detached connection does with a write whose text calls functions that would give another
 * answer when it is applied ({@code now()}, {@code random()}, {@code CURRENT_USER}), or that are
 * not known to be harmless. Functions in defaults, triggers and views are not seen: they run when
 * the write is applied, and find the time of acceptance in the setting {@code
 * rananeeti.accepted_at}.
 */
public enum VolatileFunctions {
  /** Refuses the write: what the application meant is the answer of now. The default. */
  REFUSE,
  /** Accepts it; its functions run once, when it is applied, however much later that is. */
  APPLY_TIME
}
