using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.JsonSchema;

namespace A2A.Micro.Gateway.Control;

/// <summary>Is an answer of the form that the agent asked for? Said to whoever answers, before the agent stumbles over it. Pure.</summary>
internal static class AnswerCheck
{
    /// <summary>
    /// Everything that is wrong with it; empty also when it is not known which question it answers, and when the schema of the question cannot be used:
    /// the agent judges then.
    /// </summary>
    public static IReadOnlyList<FieldError> Of(ProvideInput answer, TaskDocument task)
    {
        if (task is not { State: TaskState.InputRequired, Question: { Schema: { } schema } question }
            || schema.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined || (answer.Key is { } key && key != question.Key))
        {
            return [];
        }

        try
        {
            return
            [
                .. CompiledSchema.From(schema).Validate(answer.Input)
                    .Select(error => new FieldError("#/input" + error.Pointer[1..], error.Message, ErrorKind.InvalidParameters.Code)),
            ];
        }
        catch (InvalidSchemaException)
        {
            return [];
        }
    }
}
