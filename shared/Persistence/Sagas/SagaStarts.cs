namespace A2A.Micro.Persistence.Sagas;

/// <summary>Which messages create a saga of this kind as a rule: the store need not look for one before they are handled.</summary>
public sealed class SagaStarts<TSaga>(params IReadOnlyCollection<Type> messages) where TSaga : SagaRow
{
    /// <summary>Whether this type is one of them.</summary>
    public bool With(Type message) => messages.Contains(message);
}
