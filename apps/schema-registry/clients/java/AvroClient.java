import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.pulsar.kafka.shade.avro.Schema;
import org.apache.pulsar.kafka.shade.avro.generic.GenericDatumReader;
import org.apache.pulsar.kafka.shade.avro.io.DecoderFactory;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.schemaregistry.ParsedSchema;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.schemaregistry.client.SchemaMetadata;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaReference;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.serializers.KafkaAvroDeserializer;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.serializers.KafkaAvroSerializer;

/**
 * Confluent's own client and Avro serializer for Java, asked over standard input: a line of JSON is a question, a line of JSON the answer (apps/schema-registry/src/clients/client-under-test.test-data.ts tells them).
 * They come in a jar that Maven's central repository has, under names of its own. Run as a source file by the java command.
 */
public class AvroClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final char[] PASSWORD = "changeit".toCharArray();

  private Map<String, Object> configuration = Map.of();
  private SchemaRegistryClient client;

  public static void main(String[] args) throws Exception {
    AvroClient asked = new AvroClient();
    BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      ObjectNode answer = JSON.createObjectNode();
      try {
        asked.answer(JSON.readTree(line), answer);
      } catch (Exception error) {
        answer.removeAll();
        tell(error, answer.putObject("error"));
      }
      answers.println(JSON.writeValueAsString(answer));
      answers.flush();
    }
  }

  private void answer(JsonNode question, ObjectNode answer) throws Exception {
    String subject = question.path("subject").textValue();
    switch (question.get("do").textValue()) {
      case "connect" -> connect(question);
      case "register" -> answer.put("id", client.register(subject, parsed(question.get("schema"), question.path("references"))));
      case "byId" -> answer.put("schema", client.getSchemaById(question.get("id").intValue()).canonicalString());
      case "latest" -> {
        SchemaMetadata latest = client.getLatestSchemaMetadata(subject);
        answer.put("id", latest.getId()).put("version", latest.getVersion()).put("schema", latest.getSchema());
      }
      case "lookUp" -> answer.put("id", client.getId(subject, parsed(question.get("schema"), question.path("references"))));
      case "check" -> answer.put("compatible", client.testCompatibility(subject, parsed(question.get("schema"), question.path("references"))));
      case "roundTrip" -> roundTrip(question, answer);
      case "delete" -> {
        List<List<Integer>> versions = List.of(client.deleteSubject(subject), client.deleteSubject(subject, true));
        answer.set("versions", JSON.valueToTree(versions));
      }
      default -> throw new IllegalArgumentException("nobody knows how to " + question.get("do"));
    }
  }

  private void connect(JsonNode question) throws Exception {
    Map<String, Object> settings = new HashMap<>();
    settings.put("schema.registry.url", question.get("url").textValue());
    JsonNode credentials = question.get("credentials");
    switch (credentials.get("form").textValue()) {
      case "basic" -> {
        settings.put("basic.auth.credentials.source", "USER_INFO");
        settings.put("basic.auth.user.info", credentials.get("user").textValue() + ":" + credentials.get("password").textValue());
      }
      case "bearer" -> {
        settings.put("bearer.auth.credentials.source", "STATIC_TOKEN");
        settings.put("bearer.auth.token", credentials.get("token").textValue());
      }
      default -> {
        KeyStore own = emptyStore();
        Certificate[] chain = {certificate(credentials.get("certificateFile"))};
        own.setKeyEntry("client", privateKey(credentials.get("keyFile")), PASSWORD, chain);
        settings.put("schema.registry.ssl.keystore.location", stored(own));
        settings.put("schema.registry.ssl.keystore.password", new String(PASSWORD));
        settings.put("schema.registry.ssl.key.password", new String(PASSWORD));
        settings.put("schema.registry.ssl.keystore.type", "PKCS12");
      }
    }
    if (question.get("caFile").isTextual()) {
      KeyStore trusted = emptyStore();
      trusted.setCertificateEntry("ca", certificate(question.get("caFile")));
      settings.put("schema.registry.ssl.truststore.location", stored(trusted));
      settings.put("schema.registry.ssl.truststore.password", new String(PASSWORD));
      settings.put("schema.registry.ssl.truststore.type", "PKCS12");
    }
    configuration = settings;
    client = new CachedSchemaRegistryClient(List.of(question.get("url").textValue()), 100, List.of(new AvroSchemaProvider()), settings);
  }

  private void roundTrip(JsonNode question, ObjectNode answer) throws Exception {
    String topic = question.get("topic").textValue();
    boolean refers = question.path("references").size() > 0;
    ParsedSchema writer = parsed(question.get("writer"), question.path("references"));
    Map<String, Object> how = new HashMap<>(configuration);
    if (refers) {
      // A schema that is sent in parts is registered by hand: the serializer would send it whole.
      client.register(topic + "-value", writer);
      how.put("auto.register.schemas", false);
      how.put("use.latest.version", true);
    }
    KafkaAvroSerializer serializer = new KafkaAvroSerializer();
    serializer.configure(how, false);
    Schema schema = ((AvroSchema) writer).rawSchema();
    Object value = new GenericDatumReader<>(schema).read(null, DecoderFactory.get().jsonDecoder(schema, question.get("value").toString()));
    try (KafkaProducer<byte[], Object> producer = new KafkaProducer<>(line(question), new ByteArraySerializer(), serializer)) {
      producer.send(new ProducerRecord<>(topic, value)).get();
    }
    Schema reader = null;
    if (question.get("reader").isTextual()) {
      AvroSchema next = new AvroSchema(question.get("reader").textValue());
      client.register(topic + "-value", next);
      reader = next.rawSchema();
    }
    byte[] message = first(question, topic);
    try (KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer()) {
      deserializer.configure(configuration, false);
      Object read = reader == null ? deserializer.deserialize(topic, message) : deserializer.deserialize(topic, message, reader);
      answer.set("value", JSON.readTree(read.toString()));
    }
    answer.put("frame", HexFormat.of().formatHex(message, 0, 5));
  }

  private static byte[] first(JsonNode question, String topic) {
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(line(question), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition whole = new TopicPartition(topic, 0);
      consumer.assign(List.of(whole));
      consumer.seekToBeginning(List.of(whole));
      for (ConsumerRecord<byte[], byte[]> found : consumer.poll(Duration.ofSeconds(30))) return found.value();
      throw new IllegalStateException("the brokers did not give the message back");
    }
  }

  private static Map<String, Object> line(JsonNode question) {
    JsonNode kafka = question.get("kafka");
    List<String> brokers = new ArrayList<>();
    kafka.get("brokers").forEach(broker -> brokers.add(broker.textValue()));
    String login = "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";";
    return Map.of(
        "bootstrap.servers", String.join(",", brokers),
        "security.protocol", "SASL_PLAINTEXT",
        "sasl.mechanism", kafka.get("mechanism").textValue(),
        "sasl.jaas.config", login.formatted(kafka.get("username").textValue(), kafka.get("password").textValue()));
  }

  private ParsedSchema parsed(JsonNode text, JsonNode references) {
    List<SchemaReference> named = new ArrayList<>();
    references.forEach(
        one -> named.add(new SchemaReference(one.get("name").textValue(), one.get("subject").textValue(), one.get("version").intValue())));
    return client.parseSchema("AVRO", text.textValue(), named).orElseThrow(() -> new IllegalArgumentException("the client does not read the schema"));
  }

  private static void tell(Throwable error, ObjectNode told) {
    Throwable root = error;
    while (!(root instanceof RestClientException) && root.getCause() != null) root = root.getCause();
    told.put("kind", root.getClass().getSimpleName()).put("message", String.valueOf(root.getMessage()));
    if (root instanceof RestClientException rest) told.put("status", rest.getStatus()).put("code", rest.getErrorCode());
  }

  private static KeyStore emptyStore() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static String stored(KeyStore store) throws Exception {
    Path path = Files.createTempFile("client", ".p12");
    path.toFile().deleteOnExit();
    try (OutputStream file = Files.newOutputStream(path)) {
      store.store(file, PASSWORD);
    }
    return path.toString();
  }

  private static Certificate certificate(JsonNode path) throws Exception {
    try (InputStream pem = Files.newInputStream(Path.of(path.textValue()))) {
      return CertificateFactory.getInstance("X.509").generateCertificate(pem);
    }
  }

  private static PrivateKey privateKey(JsonNode path) throws Exception {
    String base64 = Files.readString(Path.of(path.textValue())).replaceAll("-----[A-Z ]+-----|\\s", "");
    return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
  }
}
