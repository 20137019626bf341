using A2A.Micro.StateSync.States;

namespace A2A.Micro.StateSync.Tests;

public abstract partial class StateStoreSuite
{
    private protected async Task<IReadOnlyList<StateAnswer>> Tell(IEnumerable<StateInput> inputs)
    {
        var answers = new List<StateAnswer>();
        foreach (var input in inputs) { answers.Add(await Apply(input)); }
        return answers;
    }

    private protected Task<IReadOnlyList<StateAnswer>> Tell(Life life) => Tell(life.Inputs);

    // Whatever a test is about: a document that is announced is the one that is read.
    private protected async Task<StateAnswer> Apply(StateInput input)
    {
        var answer = (await Store.Apply([input], default))[0];
        if (answer.Whole is { } whole && await Queries.Find(input.TaskId, default) is { } found && found.Version == answer.Document!.Version)
        {
            Assert.Equal(StoredJson.Write(found), whole);
        }

        return answer;
    }
}
