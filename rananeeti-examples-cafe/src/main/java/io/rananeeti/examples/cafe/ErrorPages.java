package io.rananeeti.examples.cafe;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.Charset;
import java.util.Map;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** What the container answers when no servlet does: a page without a word about the inside. */
final class ErrorPages extends ErrorHandler {

  private final Pages pages;

  ErrorPages(Pages pages) {
    this.pages = pages;
    setShowStacks(false);
    setShowCauses(false);
    setShowOrigin(false);
  }

  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int status,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback)
      throws IOException {
    SecurityHeaders.put(response.getHeaders());
    super.generateResponse(
        request, response, status, HttpStatus.getMessage(status), null, callback);
  }

  @Override
  protected void writeErrorHtml(
      Request request,
      Writer writer,
      Charset charset,
      int status,
      @Nullable String message,
      @Nullable Throwable cause)
      throws IOException {
    writer.write(pages.render("problem", Map.of("status", status, "sentence", sentence(status))));
  }

  private static String sentence(int status) {
    return switch (status) {
      case HttpStatus.NOT_FOUND_404 -> "There is nothing here.";
      case HttpStatus.METHOD_NOT_ALLOWED_405 -> "That can't be done with this page.";
      case HttpStatus.SERVICE_UNAVAILABLE_503 -> "Too much is going on. Please try again.";
      default ->
          status < HttpStatus.INTERNAL_SERVER_ERROR_500
              ? "The cafe does not understand this request."
              : "Something went wrong on our side.";
    };
  }
}
