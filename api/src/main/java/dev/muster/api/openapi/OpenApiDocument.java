package dev.muster.api.openapi;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.muster.api.access.Needs;
import dev.muster.api.problem.Problem;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.core.converter.ResolvedSchema;
import io.swagger.v3.core.util.Yaml;
import io.swagger.v3.jaxrs2.Reader;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.Paths;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The API's description in OpenAPI 3.0: paths, parameters and bodies as swagger-core reads them from the resources, and
 * what it cannot know: which fields are always there, which refusals a method of a kind has, which role it needs.
 */
public final class OpenApiDocument {
    private static final String PROBLEM = "#/components/schemas/Problem";
    private static final String TOKEN = "token";

    private static final Map<Integer, String> REFUSALS = new TreeMap<>(Map.of(
            400, "The request is not understood: a field or parameter that is wrong, missing or unknown",
            401, "No valid token",
            403, "The token's bearer may not do this",
            404, "What the path or the body names does not exist",
            406, "The answer cannot be given in an accepted form",
            409, "The state does not allow it now",
            413, "The body is larger than 512 KiB",
            415, "The body is not JSON",
            422, "The Idempotency-Key was used with another body, or the body is refused as a whole",
            503, "The catalogue or Temporal does not answer now"));

    private final OpenAPI document;
    private final Map<String, Method> methods = new HashMap<>();
    private final Map<String, Class<?>> records = new HashMap<>();

    private OpenApiDocument(Set<Class<?>> resources) {
        document = new Reader(new OpenAPI()).read(resources);
    }

    /** @param resources the classes that are described */
    public static String yaml(Collection<Class<?>> resources) {
        Set<Class<?>> sorted = new TreeSet<>(Comparator.comparing(Class::getName));
        sorted.addAll(resources);
        OpenApiDocument made = new OpenApiDocument(sorted);
        made.describe(sorted);
        try {
            return Yaml.pretty().writeValueAsString(made.document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The API's description cannot be written", e);
        }
    }

    private void describe(Set<Class<?>> resources) {
        document.info(new Info()
                .title("Muster")
                .version("v1")
                .description("Disaster recovery that is proven: runbooks as durable workflows."));
        for (Class<?> resource : resources) {
            for (Method method : resource.getDeclaredMethods()) {
                Operation operation = method.getAnnotation(Operation.class);
                if (operation != null) {
                    methods.put(operation.operationId(), method);
                }
            }
        }
        schema(Problem.class);
        document.getComponents()
                .addSecuritySchemes(
                        TOKEN,
                        new SecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme("bearer")
                                .description("A token made by: muster token create NAME --role ROLE"));
        document.getPaths().values().stream()
                .map(PathItem::readOperations)
                .flatMap(List::stream)
                .forEach(this::complete);
        strict();
        // The order in which a class's methods are found is not the same everywhere.
        Paths paths = new Paths();
        new TreeMap<>(document.getPaths()).forEach(paths::addPathItem);
        document.setPaths(paths);
        document.getComponents()
                .setSchemas(new TreeMap<>(document.getComponents().getSchemas()));
    }

    private void complete(io.swagger.v3.oas.models.Operation operation) {
        Method method = Optional.ofNullable(methods.get(operation.getOperationId()))
                .orElseThrow(() -> new IllegalStateException("No method of " + operation.getOperationId()));
        Answers answers = Optional.ofNullable(method.getAnnotation(Answers.class))
                .orElseThrow(() -> new IllegalStateException(method + " does not say what it answers"));
        Needs needs = Optional.ofNullable(method.getAnnotation(Needs.class))
                .orElseThrow(() -> new IllegalStateException(method + " does not say which role it needs"));
        ApiResponses responses = new ApiResponses();
        responses.addApiResponse(String.valueOf(answers.status()), answer(answers, answers.description()));
        if (answers.repeated()) {
            responses.addApiResponse("200", answer(answers, "The run that the Idempotency-Key stands for"));
        }
        for (int status : refusals(operation, answers)) {
            responses.addApiResponse(
                    String.valueOf(status),
                    new ApiResponse()
                            .description(REFUSALS.get(status))
                            .content(new Content()
                                    .addMediaType(
                                            Problem.MEDIA_TYPE, new MediaType().schema(new Schema<>().$ref(PROBLEM)))));
        }
        operation.responses(responses);
        operation.addSecurityItem(new SecurityRequirement().addList(TOKEN));
        operation.description("Needs the role " + needs.value().id() + ".");
        if (operation.getRequestBody() != null) {
            operation.getRequestBody().required(true);
        }
    }

    private static Set<Integer> refusals(io.swagger.v3.oas.models.Operation operation, Answers answers) {
        Set<Integer> statuses = new TreeSet<>(List.of(400, 401, 403, 406, 503));
        if (operation.getRequestBody() != null) {
            statuses.addAll(List.of(413, 415));
        }
        Arrays.stream(answers.refusals()).forEach(statuses::add);
        return statuses;
    }

    private ApiResponse answer(Answers answers, String description) {
        ApiResponse response = new ApiResponse().description(description);
        if (answers.repeated()) {
            response.addHeaderObject(
                    "Location", new Header().description("The run").schema(new StringSchema()));
        }
        Schema<?> schema = answers.value() == String.class ? new StringSchema() : schema(answers.value());
        return response.content(new Content().addMediaType(answers.mediaType(), new MediaType().schema(schema)));
    }

    /** A reference to the type's schema, which is added with all that it uses. */
    private Schema<?> schema(Class<?> type) {
        ResolvedSchema resolved = ModelConverters.getInstance().readAllAsResolvedSchema(type);
        resolved.referencedSchemas.forEach(
                (name, schema) -> document.getComponents().addSchemas(name, schema));
        note(type);
        return new Schema<>().$ref("#/components/schemas/" + name(type));
    }

    private static String name(Class<?> type) {
        io.swagger.v3.oas.annotations.media.Schema named =
                type.getAnnotation(io.swagger.v3.oas.annotations.media.Schema.class);
        return named == null || named.name().isEmpty() ? type.getSimpleName() : named.name();
    }

    private void note(Class<?> type) {
        if (!type.isRecord() || records.putIfAbsent(name(type), type) != null) {
            return;
        }
        for (RecordComponent component : type.getRecordComponents()) {
            note(component.getType());
            if (component.getGenericType() instanceof java.lang.reflect.ParameterizedType list
                    && list.getActualTypeArguments()[0] instanceof Class<?> element) {
                note(element);
            }
        }
    }

    /** Bodies hold no unknown fields, and a component that is never null is always there. */
    private void strict() {
        for (Method method : methods.values()) {
            Arrays.stream(method.getParameterTypes()).forEach(this::note);
        }
        document.getComponents().getSchemas().forEach((name, schema) -> {
            Class<?> type = records.get(name);
            if (type == null) {
                throw new IllegalStateException("The schema " + name + " belongs to no record");
            }
            schema.additionalProperties(false);
            List<String> required = Arrays.stream(type.getRecordComponents())
                    .filter(OpenApiDocument::required)
                    .map(RecordComponent::getName)
                    .toList();
            if (!required.isEmpty()) {
                required(schema, required);
            }
        });
    }

    private static void required(Schema<?> schema, List<String> names) {
        schema.setRequired(names);
    }

    private static boolean required(RecordComponent component) {
        if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
            return true;
        }
        io.swagger.v3.oas.annotations.media.Schema schema =
                component.getAccessor().getAnnotation(io.swagger.v3.oas.annotations.media.Schema.class);
        return schema != null
                && schema.requiredMode() == io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;
    }
}
