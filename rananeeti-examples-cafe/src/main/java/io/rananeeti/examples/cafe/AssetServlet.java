package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The style sheet, the script and the icon: a closed list, read once. */
final class AssetServlet extends HttpServlet {

  private static final long serialVersionUID = 1;
  private static final Map<String, String> TYPES =
      Map.of(
          "/cafe.css", "text/css; charset=utf-8",
          "/cafe.js", "text/javascript; charset=utf-8",
          "/icon.svg", "image/svg+xml");

  private record Asset(String text, String type, String tag) {}

  private final transient Map<String, Asset> assets = new LinkedHashMap<>();

  AssetServlet() throws IOException {
    for (Map.Entry<String, String> entry : TYPES.entrySet()) {
      assets.put(entry.getKey(), load(entry.getKey(), entry.getValue()));
    }
  }

  private static Asset load(String path, String type) throws IOException {
    try (InputStream stream = AssetServlet.class.getResourceAsStream("/static" + path)) {
      byte[] bytes = Objects.requireNonNull(stream, path).readAllBytes();
      CRC32C sum = new CRC32C();
      sum.update(bytes);
      return new Asset(
          new String(bytes, UTF_8), type, '"' + HexFormat.of().toHexDigits(sum.getValue()) + '"');
    }
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    @Nullable Asset asset = assets.get(String.valueOf(request.getPathInfo()));
    if (asset == null) {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("ETag", asset.tag());
    if (asset.tag().equals(request.getHeader("If-None-Match"))) {
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
      return;
    }
    response.setContentType(asset.type());
    response.getOutputStream().write(asset.text().getBytes(UTF_8));
  }
}
