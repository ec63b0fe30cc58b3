/** A resident whose every private column is a canary: none of it may ever be met outside of the source and the general database. */
export const canary = {
  code: '001099777701',
  name: 'Nguyễn Thị Hoàng Yến',
  alias: 'CANARY-ALIAS-41',
  phone: '+84999777701',
  email: 'canary-42@example.vn',
  street: 'CANARY-STREET-43',
  hamlet: 'CANARY-HAMLET-44',
  editor: 'CANARY-EDITOR-45',
};
export const forbidden = [canary.alias, canary.phone, canary.email, canary.street, canary.hamlet, canary.editor];
