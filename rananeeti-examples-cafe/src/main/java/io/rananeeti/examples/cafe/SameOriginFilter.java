package io.rananeeti.examples.cafe;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.Set;

/**
 * Keeps other sites from pressing the cafe's buttons through a guest's browser: what changes
 * something must come from a page of the cafe, by the browser's own word ({@code Sec-Fetch-Site},
 * or {@code Origin} from browsers that know only that). Clients that are no browsers say neither.
 */
final class SameOriginFilter extends HttpFilter {

  private static final long serialVersionUID = 1;
  private static final Set<String> READING = Set.of("GET", "HEAD");
  private static final Set<String> OWN_PAGES = Set.of("same-origin", "none");

  private final transient Pages pages;

  SameOriginFilter(Pages pages) {
    this.pages = pages;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (READING.contains(request.getMethod())) {
      chain.doFilter(request, response);
    } else if (!"POST".equals(request.getMethod())) {
      response.setHeader("Allow", "GET, HEAD, POST");
      response.sendError(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
    } else if (comesFromOwnPage(request)) {
      chain.doFilter(request, response);
    } else {
      pages.sendProblem(
          response,
          HttpServletResponse.SC_FORBIDDEN,
          "This came from another site. Please use the cafe's own pages.");
    }
  }

  private static boolean comesFromOwnPage(HttpServletRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null) {
      return OWN_PAGES.contains(site);
    }
    String origin = request.getHeader("Origin");
    return origin == null || isSameHost(origin, String.valueOf(request.getHeader("Host")));
  }

  private static boolean isSameHost(String origin, String host) {
    try {
      return host.equalsIgnoreCase(URI.create(origin).getRawAuthority());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
