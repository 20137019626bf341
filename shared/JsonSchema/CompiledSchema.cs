using System.Text.Json;
using A2A.Micro.JsonSchema.Compilation;
using A2A.Micro.JsonSchema.Evaluation;

namespace A2A.Micro.JsonSchema;

/// <summary>
/// A JSON Schema (draft 2020-12), read once and used by any number of threads. It never opens a connection: a reference leads into the
/// schema itself or into <see cref="SchemaOptions.Documents"/>. Validation is bounded by <see cref="SchemaOptions"/>, whatever schema
/// and instance are.
/// </summary>
public sealed class CompiledSchema
{
    private readonly SchemaNode _root;
    private readonly SchemaOptions _options;
    private readonly bool _tracks;

    private CompiledSchema(SchemaNode root, SchemaOptions options, bool tracks) => (_root, _options, _tracks) = (root, options, tracks);

    /// <summary>Reads a schema: an object, or true or false.</summary>
    /// <exception cref="InvalidSchemaException">It is not a schema, says something that is not supported, or is too large.</exception>
    public static CompiledSchema From(JsonElement schema, SchemaOptions? options = null)
    {
        options ??= SchemaOptions.Default;
        // A copy of its own: the schema outlives the message that it came with.
        var compiler = new SchemaCompiler(options);
        var root = compiler.Compile(schema.Clone());
        return new CompiledSchema(root, options, compiler.UsesUnevaluated);
    }

    /// <summary>Reads a schema from its text.</summary>
    /// <exception cref="InvalidSchemaException">As <see cref="From"/>, and when it is no JSON.</exception>
    public static CompiledSchema Parse(string schema, SchemaOptions? options = null)
    {
        try
        {
            using var document = JsonDocument.Parse(schema);
            return From(document.RootElement, options);
        }
        catch (JsonException e)
        {
            throw new InvalidSchemaException([new SchemaError("#", "", "this is no JSON: " + e.Message)]);
        }
    }

    /// <summary>Whether the instance fits; stops at the first mistake.</summary>
    public bool IsValid(JsonElement instance) => Evaluate(instance, collects: false).IsValid;

    /// <summary>Everything that is wrong with the instance, up to <see cref="SchemaOptions.ErrorsMax"/>; empty when it fits.</summary>
    public IReadOnlyList<SchemaError> Validate(JsonElement instance) => Evaluate(instance, collects: true).Errors;

    private (bool IsValid, IReadOnlyList<SchemaError> Errors) Evaluate(JsonElement instance, bool collects)
    {
        var run = new Run(_options, _tracks, collects);
        try
        {
            var valid = run.Visit(_root, new Spot(instance, InstancePath.Root, null));
            return (valid, run.Errors);
        }
        catch (LimitException e)
        {
            return (false, [.. run.Errors, new SchemaError(e.At.ToString(), "", e.Message)]);
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json reads such a text only when it is asked for it.
            return (false, [.. run.Errors, new SchemaError("#", "", "a text holds half of a surrogate pair, which is no character")]);
        }
    }
}
