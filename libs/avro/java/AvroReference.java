import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/**
 * What Avro's Java library says of schemas, for a test. A line of JSON is a question, a line of JSON the answer: {"schema": text} brings the text as the library writes it, {"reader": text,
 * "writer": text} the reasons why the one does not read the other. Run as a source file by the java command.
 */
public class AvroReference {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      JsonNode question = JSON.readTree(line);
      ObjectNode answer = JSON.createObjectNode();
      try {
        if (question.has("schema")) {
          answer.put("text", parse(question.get("schema").textValue()).toString());
        } else {
          Schema reader = parse(question.get("reader").textValue());
          Schema writer = parse(question.get("writer").textValue());
          ArrayNode reasons = answer.putArray("reasons");
          for (SchemaCompatibility.Incompatibility found :
              SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult().getIncompatibilities()) {
            reasons.addObject().put("kind", found.getType().name()).put("path", found.getLocation()).put("detail", found.getMessage());
          }
        }
      } catch (RuntimeException error) {
        answer.removeAll();
        answer.put("error", error.getClass().getSimpleName());
        answer.put("message", error.getMessage());
      }
      answers.println(JSON.writeValueAsString(answer));
      answers.flush();
    }
  }

  private static Schema parse(String text) {
    return new Schema.Parser().setValidateDefaults(true).parse(text);
  }
}
