"""confluent-kafka with its Avro serializer, asked over standard input: a line of JSON is a question, a line of JSON the answer.

apps/schema-registry/src/clients/client-under-test.test-data.ts tells the questions.
"""

import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

ANSWER_SECONDS = 30


def connected(question):
    conf = {"url": question["url"], "max.retries": 0}
    if question["caFile"] is not None:
        conf["ssl.ca.location"] = question["caFile"]
    credentials = question["credentials"]
    if credentials["form"] == "basic":
        conf["basic.auth.user.info"] = f"{credentials['user']}:{credentials['password']}"
    elif credentials["form"] == "bearer":
        conf["bearer.auth.credentials.source"] = "STATIC_TOKEN"
        conf["bearer.auth.token"] = credentials["token"]
        conf["bearer.auth.logical.cluster"] = "lsrc-1"
        conf["bearer.auth.identity.pool.id"] = "pool-1"
    else:
        conf["ssl.certificate.location"] = credentials["certificateFile"]
        conf["ssl.key.location"] = credentials["keyFile"]
    return SchemaRegistryClient(conf)


def avro(text, references=None):
    named = [SchemaReference(one["name"], one["subject"], one["version"]) for one in references or []]
    return Schema(text, "AVRO", named)


def round_trip(client, question):
    kafka, topic = question["kafka"], question["topic"]
    line = {
        "bootstrap.servers": ",".join(kafka["brokers"]),
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": kafka["mechanism"],
        "sasl.username": kafka["username"],
        "sasl.password": kafka["password"],
    }
    place = SerializationContext(topic, MessageField.VALUE)
    serializer = AvroSerializer(client, avro(question["writer"], question.get("references")))
    producer = Producer(line)
    producer.produce(topic, serializer(question["value"], place))
    if producer.flush(ANSWER_SECONDS) > 0:
        raise TimeoutError("the brokers did not take the message")
    reader = question["reader"]
    if reader is not None:
        client.register_schema(f"{topic}-value", avro(reader))
    consumer = Consumer({**line, "group.id": topic, "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    message = consumer.poll(ANSWER_SECONDS)
    consumer.close()
    if message is None or message.error():
        raise TimeoutError("the brokers did not give the message back")
    value = AvroDeserializer(client, reader)(message.value(), place)
    return {"value": value, "frame": message.value()[:5].hex()}


def answer(client, question):
    asked, subject = question["do"], question.get("subject")
    if asked == "register":
        return {"id": client.register_schema(subject, avro(question["schema"], question.get("references")))}
    if asked == "byId":
        return {"schema": client.get_schema(question["id"]).schema_str}
    if asked == "latest":
        latest = client.get_latest_version(subject)
        return {"id": latest.schema_id, "version": latest.version, "schema": latest.schema.schema_str}
    if asked == "lookUp":
        return {"id": client.lookup_schema(subject, avro(question["schema"])).schema_id}
    if asked == "check":
        return {"compatible": client.test_compatibility(subject, avro(question["schema"]))}
    if asked == "roundTrip":
        return round_trip(client, question)
    if asked == "delete":
        return {"versions": [client.delete_subject(subject), client.delete_subject(subject, permanent=True)]}
    raise ValueError(f"nobody knows how to {asked}")


def main():
    client = None
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if question["do"] == "connect":
                client = connected(question)
                answered = {}
            else:
                answered = answer(client, question)
        except Exception as error:
            status, code = getattr(error, "http_status_code", None), getattr(error, "error_code", None)
            answered = {"error": {"kind": type(error).__name__, "status": status, "code": code, "message": str(error)}}
        print(json.dumps(answered), flush=True)


main()
