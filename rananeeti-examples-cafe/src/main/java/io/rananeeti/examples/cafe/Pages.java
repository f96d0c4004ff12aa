package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;

/** The templates, compiled when the cafe was built. Everything put into them is escaped. */
final class Pages {

  private static final String PACKAGE = "io.rananeeti.examples.cafe";

  private final TemplateEngine engine =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, Pages.class.getClassLoader(), PACKAGE);

  /** A page or a part of one. */
  String render(String template, Map<String, Object> values) {
    StringOutput html = new StringOutput();
    engine.render(template + ".jte", values, html);
    return html.toString();
  }

  /** Answers with a page, which no cache may keep. */
  void send(HttpServletResponse response, int status, String template, Map<String, Object> values)
      throws IOException {
    byte[] page = render(template, values).getBytes(UTF_8);
    response.setStatus(status);
    response.setContentType("text/html");
    response.setCharacterEncoding(UTF_8.name());
    response.setHeader("Cache-Control", "no-store");
    response.setContentLength(page.length);
    response.getOutputStream().write(page);
  }

  /** Answers with a page that says what is wrong. */
  void sendProblem(HttpServletResponse response, int status, String sentence) throws IOException {
    send(response, status, "problem", Map.of("status", status, "sentence", sentence));
  }
}
