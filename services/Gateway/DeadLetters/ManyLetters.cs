using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>One step for many letters: <c>POST /v1/dead-letters:replay</c>, so many a second, and <c>:discard</c>.</summary>
internal static class ManyLetters
{
    private const int LettersMax = 1000;
    private const int RateMax = 100;

    /// <summary>Adds the routes.</summary>
    public static void MapManyLetters(this IEndpointRouteBuilder v1)
    {
        Map("replay", LetterState.Waiting, "Send many dead letters again",
            "So many a second (rate), so that what failed under load does not fail under the replay.");
        Map("discard", LetterState.Discarded, "Throw many dead letters away", "They can be replayed for a week more.");

        void Map(string verb, LetterState to, string summary, string description) =>
            v1.MapPost("/dead-letters:" + verb, (IDeadLetterStore store, TimeProvider clock, IOptions<GatewayOptions> options, HttpContext http) =>
                    Step(to, store, clock, options.Value, http))
                .WithTags("Dead letters").WithName(verb + "DeadLetters").WithSummary(summary)
                .WithDescription("For the letters that are named or that match, at most 1000. dry_run says which they are. " + description)
                .Accepts<BulkLetterRequest>("application/json")
                .Produces<BulkLetterView>(StatusCodes.Status202Accepted).Produces<BulkLetterView>().ProducesErrors(400, 413, 415, 429, 503);
    }

    private static async Task<IResult> Step(LetterState to, IDeadLetterStore store, TimeProvider clock, GatewayOptions options, HttpContext http)
    {
        var body = (await RequestBody.Read(http.Request, options, optional: false, http.RequestAborted).ConfigureAwait(false))!.Value;
        var errors = new List<FieldError>();
        var choice = Choice.Read(body, to == LetterState.Waiting, errors);
        if (errors.Count > 0) { return Problems.Of(errors); }
        var ids = choice.Ids ?? [.. (await store.List(choice.Filter with { Limit = choice.Limit + 1 }, http.RequestAborted).ConfigureAwait(false))
            .Select(letter => letter.LetterId)];
        var (now, chosen) = (clock.GetUtcNow(), ids.Take(choice.Limit).ToList());
        var moves = chosen.Select((id, i) => new LetterMove(
            id, to, to == LetterState.Waiting ? now + TimeSpan.FromSeconds((double)i / choice.Rate) : null)).ToList();
        var view = new BulkLetterView
        {
            Matched = chosen.Count,
            More = ids.Count > choice.Limit,
            LetterIds = chosen,
            SentBy = moves.LastOrDefault()?.ReplayAt,
        };
        if (choice.DryRun || moves.Count == 0) { return TypedResults.Ok(view with { DryRun = choice.DryRun ? true : null }); }
        var moved = await store.Move(moves, http.RequestAborted).ConfigureAwait(false);
        view = view with { LetterIds = [.. chosen.Intersect(moved, StringComparer.Ordinal)] };
        return to == LetterState.Waiting ? TypedResults.Accepted("/v1/dead-letters?state=waiting", view) : TypedResults.Ok(view);
    }

    private sealed record Choice(IReadOnlyList<string>? Ids, LetterFilter Filter, int Limit, int Rate, bool DryRun)
    {
        public static Choice Read(JsonElement body, bool hasRate, List<FieldError> errors)
        {
            var fields = new JsonFields(body, "#", errors, hasRate
                ? ["letter_ids", "filter", "limit", "dry_run", "rate"]
                : ["letter_ids", "filter", "limit", "dry_run"]);
            var ids = IdsOf(fields);
            if (errors.Count == 0 && ids is null == fields.Any("filter") is null)
            {
                fields.Wrong("#", "say which letters: either letter_ids or filter ({} means all that are parked)");
            }

            if (fields.Any("dry_run") is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) }) { fields.Wrong("#/dry_run", "true or false"); }
            return new Choice(ids, FilterOf(fields, errors), Number("limit", LettersMax, LettersMax), Number("rate", RateMax, DeadLetterRules.RateDefault),
                fields.Any("dry_run")?.ValueKind == JsonValueKind.True);

            int Number(string name, int most, int otherwise)
            {
                if (fields.Any(name) is null) { return otherwise; }
                if (fields.Whole(name) is >= 1 and var number && number <= most) { return number; }
                if (!errors.Any(error => error.Pointer == "#/" + name)) { fields.Wrong("#/" + name, $"1 to {most}"); }
                return otherwise;
            }
        }

        private static LetterFilter FilterOf(JsonFields fields, List<FieldError> errors)
        {
            if (fields.Any("filter") is not { } member) { return new LetterFilter(); }
            var filter = new JsonFields(member, "#/filter", errors, LetterQuery.Members);
            return LetterQuery.Read(name => filter.Text(name), "#/filter", errors);
        }

        private static List<string>? IdsOf(JsonFields fields)
        {
            if (fields.Any("letter_ids") is not { } member) { return null; }
            if (member.ValueKind == JsonValueKind.Array && member.GetArrayLength() is > 0 and <= LettersMax
                && member.EnumerateArray().All(id => id.ValueKind == JsonValueKind.String && TaskRules.IsTaskId(id.GetString())))
            {
                return [.. member.EnumerateArray().Select(id => id.GetString()!).Distinct(StringComparer.Ordinal)];
            }

            fields.Wrong("#/letter_ids", $"an array of 1 to {LettersMax} letter ids is expected");
            return [];
        }
    }
}
